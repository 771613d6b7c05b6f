/** The policies of all services side by side: how far each goes, whether it is on a dry run, its ladder, and ways to change and try it. */
import type { Service } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ListOrdered } from 'lucide-react';
import { count, duration } from '../format.js';
import { dryRunQuery, servicesQuery } from '../queries.js';
import { isProtected } from '../services/own.js';
import { modes } from '../services/policy-panel.js';
import { Badge } from '../ui/badge.js';
import { buttonClass } from '../ui/button.js';
import { Page, Panel } from '../ui/panel.js';
import { Empty, Failure, NotRead, SkeletonRows } from '../ui/states.js';
import { actionNames, kindNames, severityNames } from '../words.js';

export function PoliciesPage() {
  const query = useQuery(servicesQuery);
  return (
    <Page title="Policies" lead="What follows from what is found: the first rule of a service’s ladder that matches decides.">
      {query.isPending ? (
        <SkeletonRows rows={8} />
      ) : query.isError && !query.data ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : !query.data.items.some(isProtected) ? (
        <Empty icon={ListOrdered} title="No service yet">
          <Link to="/start" className="font-medium text-accent hover:underline">
            Protect the first one
          </Link>
        </Empty>
      ) : (
        <div className="grid gap-4 lg:grid-cols-2">
          {query.data.items.filter(isProtected).map((service) => (
            <Policy key={service.id} service={service} />
          ))}
        </div>
      )}
    </Page>
  );
}

function Policy({ service }: { service: Service }) {
  const { id, policy, dryRun } = service;
  return (
    <Panel
      title={
        <Link to="/services/$id" params={{ id }} className="hover:text-accent hover:underline">
          {id}
        </Link>
      }
      actions={
        <>
          <Link to="/services/$id/settings" params={{ id }} className={buttonClass({ size: 'sm' })}>
            Edit the ladder
          </Link>
          <Link to="/backtests" search={{ service: id }} className={buttonClass({ size: 'sm' })}>
            Backtest
          </Link>
        </>
      }
    >
      <div className="flex flex-wrap items-center gap-2 border-b px-4 py-2.5 text-sm">
        <Badge className={policy === 'monitor' || dryRun ? undefined : 'bg-accent/12 text-accent'}>
          {modes.find(({ value }) => value === policy)?.name}
        </Badge>
        {dryRun ? (
          <WouldHave service={id} />
        ) : (
          <span className="text-muted">{policy === 'monitor' ? 'alerts alone: its ladder holds nobody' : 'enforcing'}</span>
        )}
      </div>
      <Ladder ladder={service.settings.ladder} />
    </Panel>
  );
}

function WouldHave({ service }: { service: string }) {
  const { data, error } = useQuery(dryRunQuery(service));
  return (
    <span className="text-muted">
      dry run
      {data && `: would have blocked ${count(data.blocked)}, throttled ${count(data.throttled)} in the last 7 days`}
      {error && !data && <NotRead error={error} />}
    </span>
  );
}

function Ladder({ ladder }: { ladder: Service['settings']['ladder'] }) {
  if (ladder.length === 0) return <p className="px-4 py-4 text-muted text-sm">No rule: nothing follows from what is found.</p>;
  return (
    <ol className="divide-y text-sm">
      {ladder.map((rule, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rules have no name but their place
        <li key={index} className="flex gap-3 px-4 py-2.5">
          <span className="text-faint">{index + 1}.</span>
          <span className="min-w-0 flex-1">
            <span className="block">
              {rule.kind ? kindNames[rule.kind] : 'Any kind'}
              {rule.severity && `, ${severityNames[rule.severity].toLowerCase()} and above`}
              {rule.endpoint && <span className="break-all font-mono text-xs"> on {rule.endpoint}</span>}
            </span>
            <span className="block text-muted text-xs">
              {rule.steps
                .map(({ action, seconds }) => `${actionNames[action].toLowerCase()} ${duration(seconds)}`)
                .join(', then ')}
            </span>
          </span>
        </li>
      ))}
    </ol>
  );
}
