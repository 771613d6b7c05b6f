/** What came to ingestion for a service in the last day: how much was signed, what was refused, what claimed another time than its own. */
import type { Door } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { count } from '../format.js';
import { doorQuery } from '../queries.js';
import { Panel } from '../ui/panel.js';
import { Failure, SkeletonRows } from '../ui/states.js';
import { doorLines, signedText } from './door-words.js';

export function DoorPanel({ service }: { service: string }) {
  const query = useQuery(doorQuery(service));
  return (
    <Panel title="At the door, last 24 hours">
      {query.isPending ? (
        <SkeletonRows rows={2} />
      ) : query.isError && !query.data ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : (
        <Lines door={query.data} />
      )}
    </Panel>
  );
}

function Lines({ door }: { door: Door }) {
  return (
    <>
      <p className="border-b px-4 py-2.5 text-sm last:border-b-0">{signedText(door)}</p>
      <dl className="text-sm">
        {doorLines(door).map(({ name, value, meaning, alarming }) => (
          <div key={name} className="flex gap-3 border-b px-4 py-2 last:border-b-0">
            <dt className="min-w-0 flex-1">
              {name}
              <span className="block text-faint text-xs">{meaning}</span>
            </dt>
            <dd className={alarming ? 'font-semibold text-high' : 'font-medium'}>{count(value)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
