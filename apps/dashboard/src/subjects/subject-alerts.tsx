/** Alerts about a subject, on an endpoint or in a service, the latest first. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type AlertFilters, alertsQuery } from '../queries.js';
import { SeverityMark, StateBadge } from '../ui/badge.js';
import { Panel } from '../ui/panel.js';
import { Failure, SkeletonRows } from '../ui/states.js';
import { Ago } from '../ui/time.js';
import { kindNames, subjectText } from '../words.js';

const SHOWN = 10;

export function SubjectAlerts({ filters }: { filters: AlertFilters }) {
  const query = useInfiniteQuery(alertsQuery(filters, SHOWN));
  const alerts = query.data?.pages.flatMap(({ items }) => items);
  return (
    <Panel title="Alerts">
      {alerts === undefined ? (
        query.isError ? (
          <Failure error={query.error} retry={() => void query.refetch()} />
        ) : (
          <SkeletonRows rows={3} />
        )
      ) : alerts.length === 0 ? (
        <p className="px-4 py-5 text-muted text-sm">No alert is about it so far; one that comes will be here by itself.</p>
      ) : (
        <ul aria-label="Alerts">
          {alerts.slice(0, SHOWN).map((alert) => (
            <li key={alert.id} className="flex items-center gap-3 border-b px-4 py-2 text-sm last:border-b-0">
              <SeverityMark severity={alert.severity} />
              <Link
                to="/alerts/$id"
                params={{ id: alert.id }}
                title={alert.explanation}
                className="min-w-0 flex-1 truncate hover:text-accent hover:underline"
              >
                {kindNames[alert.kind]}{' '}
                <span className="text-faint">
                  {filters.subjectId === undefined ? subjectText(alert.subject) : (alert.endpoint ?? subjectText(alert.subject))}
                </span>
              </Link>
              <StateBadge state={alert.state} />
              <Ago ts={alert.lastAt} className="shrink-0 text-faint text-xs" />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
