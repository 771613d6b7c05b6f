/** Who is held back just now, everywhere, in a service or on an endpoint, the latest first; a row leads to the page of whom it is about. */
import type { Decision } from '@plimsoll/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ShieldOff } from 'lucide-react';
import { isActive } from '../live-cache.js';
import { type DecisionFilters, decisionsQuery } from '../queries.js';
import { ActionBadge } from '../ui/badge.js';
import { Panel } from '../ui/panel.js';
import { Empty, Failure, SkeletonRows } from '../ui/states.js';
import { Countdown, useNow } from '../ui/time.js';
import { subjectText } from '../words.js';

const SHOWN = 6;

export function HeldPanel({ service, endpoint }: Pick<DecisionFilters, 'service' | 'endpoint'>) {
  const now = useNow();
  const query = useInfiniteQuery(decisionsQuery({ active: true, ...(service && { service }), ...(endpoint && { endpoint }) }));
  const held = (query.data?.pages[0]?.items ?? []).filter((decision) => isActive(decision, now)).slice(0, SHOWN);
  return (
    <Panel
      title="Held back now"
      actions={
        <Link
          to="/decisions"
          search={service ? { service } : {}}
          className="rounded-sm font-medium text-accent text-xs hover:underline"
        >
          All decisions
        </Link>
      }
    >
      {query.isPending ? (
        <SkeletonRows rows={3} />
      ) : query.isError && !query.data ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : held.length === 0 ? (
        <Empty icon={ShieldOff} title="Nobody is held back" className="py-8">
          Whom policies and people throttle, challenge or block will stand here.{' '}
          <Link to="/policies" className="font-medium text-accent hover:underline">
            What policies do
          </Link>
        </Empty>
      ) : (
        <ul aria-label="Held back now">
          {held.map((decision) => (
            <Row key={decision.id} decision={decision} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Row({ decision }: { decision: Decision }) {
  const look = 'block truncate font-medium text-sm after:absolute after:inset-0';
  return (
    <li className="relative flex items-center gap-3 border-b px-4 py-2 last:border-b-0 hover:bg-hover/60">
      <ActionBadge decision={decision} />
      <div className="min-w-0 flex-1">
        <Link to="/subject" search={{ service: decision.service, ...decision.subject }} className={look}>
          {subjectText(decision.subject)}
        </Link>
        <p className="truncate text-faint text-xs">
          {decision.service}
          {decision.endpoint && <span className="font-mono"> · {decision.endpoint}</span>}
        </p>
      </div>
      <Countdown until={decision.until} className="shrink-0 text-muted text-xs" />
    </li>
  );
}
