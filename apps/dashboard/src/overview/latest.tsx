/** The alerts that wait for somebody, latest first: a short list that leads to each. */
import type { Alert } from '@plimsoll/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ShieldCheck } from 'lucide-react';
import { alertsQuery } from '../queries.js';
import { SeverityMark } from '../ui/badge.js';
import { Panel } from '../ui/panel.js';
import { Empty, Failure, SkeletonRows } from '../ui/states.js';
import { Ago } from '../ui/time.js';
import { kindNames, subjectText } from '../words.js';

const SHOWN = 7;

export function Latest() {
  const query = useInfiniteQuery(alertsQuery({ state: ['open', 'acknowledged'] }, SHOWN));
  const alerts = query.data?.pages[0]?.items.slice(0, SHOWN) ?? [];
  return (
    <Panel
      title="Latest alerts"
      actions={
        <Link to="/alerts" className="rounded-sm font-medium text-accent text-xs hover:underline">
          View all
        </Link>
      }
    >
      {query.isPending ? (
        <SkeletonRows rows={5} />
      ) : query.isError && !query.data ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : alerts.length === 0 ? (
        <Empty icon={ShieldCheck} title="Nothing to review">
          Everybody is within their normal. What stands out will appear here by itself.
        </Empty>
      ) : (
        <ul>
          {alerts.map((alert) => (
            <Row key={alert.id} alert={alert} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Row({ alert }: { alert: Alert }) {
  return (
    <li className="relative flex items-center gap-3 border-b px-4 py-2.5 last:border-b-0 hover:bg-hover/60">
      <SeverityMark severity={alert.severity} />
      <div className="min-w-0 flex-1">
        <p className="flex min-w-0 items-baseline gap-2 text-sm">
          <Link
            to="/alerts/$id"
            params={{ id: alert.id }}
            className="truncate font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
          >
            {subjectText(alert.subject)}
          </Link>
          <span className="shrink-0 text-muted text-xs">{kindNames[alert.kind]}</span>
        </p>
        <p className="truncate text-faint text-xs">
          {alert.service}
          {alert.endpoint && <span className="font-mono"> · {alert.endpoint}</span>}
        </p>
      </div>
      <Ago ts={alert.lastAt} className="shrink-0 text-faint text-xs" />
    </li>
  );
}
