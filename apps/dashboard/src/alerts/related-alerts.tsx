/** Other alerts of the same campaign, and others about the same subject. */
import type { Alert } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { exact } from '../format.js';
import { relatedQuery } from '../queries.js';
import { SeverityMark } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { Panel } from '../ui/panel.js';
import { FailureLine } from '../ui/states.js';
import { Ago } from '../ui/time.js';
import { kindNames, subjectText, subjectTypeName } from '../words.js';
import { campaignOf } from './timeline.js';

const SHOWN = 8;

export function RelatedAlerts({ alert }: { alert: Alert }) {
  const query = useQuery(relatedQuery(alert.id));
  const items = query.data?.items ?? [];
  if (items.length === 0 && !query.error) return null;
  const campaign = campaignOf(alert, items);
  const others = items.filter((item) => !campaign.includes(item));
  return (
    <Panel title="Related alerts">
      <FailureLine what="They are not known now" query={query} />
      <Others name="Of the same campaign" items={campaign} />
      <Others name={`About the same ${subjectTypeName(alert.subject.type).toLowerCase()}`} items={others} />
    </Panel>
  );
}

function Others({ name, items }: { name: string; items: readonly Alert[] }) {
  const [all, setAll] = useState(false);
  if (items.length === 0) return null;
  const shown = all ? items : items.slice(0, SHOWN);
  return (
    <div className="border-b last:border-b-0">
      <h3 className="px-4 pt-2.5 pb-0.5 font-medium text-faint text-xs">{name}</h3>
      <ul aria-label={name} className="pb-1.5">
        {shown.map((other) => (
          <li key={other.id} className="flex items-center gap-3 px-4 py-1.5 text-sm">
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
      {items.length > shown.length && (
        <Button look="ghost" size="sm" className="mx-2 mb-2" onClick={() => setAll(true)}>
          Show {exact(items.length - shown.length)} more
        </Button>
      )}
    </div>
  );
}
