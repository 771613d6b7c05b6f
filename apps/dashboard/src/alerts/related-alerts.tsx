/** Other alerts of the same campaign or about the same subject. */
import type { Alert } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { relatedQuery } from '../queries.js';
import { SeverityMark } from '../ui/badge.js';
import { Panel } from '../ui/panel.js';
import { Ago } from '../ui/time.js';
import { kindNames, subjectText } from '../words.js';

const SHOWN = 8;

export function RelatedAlerts({ alert }: { alert: Alert }) {
  const { data } = useQuery(relatedQuery(alert.id));
  const items = data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Panel title="Related alerts">
      <ul aria-label="Related alerts">
        {items.slice(0, SHOWN).map((other) => (
          <li key={other.id} className="flex items-center gap-3 border-b px-4 py-2 text-sm last:border-b-0">
            <SeverityMark severity={other.severity} />
            <Link
              to="/alerts/$id"
              params={{ id: other.id }}
              title={subjectText(other.subject)}
              className="min-w-0 flex-1 truncate hover:text-accent hover:underline"
            >
              {kindNames[other.kind]} <span className="text-faint">{other.subject.id}</span>
            </Link>
            <Ago ts={other.lastAt} className="shrink-0 text-faint text-xs" />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
