/** One line below a decision in force: how many instances enforce it, how soon they did, who does not. */
import { type Decision, type Reach, reachOf } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { instancesQuery } from '../queries.js';
import { useNow } from '../ui/time.js';
import { reachText, troubleTexts } from './reach-words.js';

export function ReachLine({ decision }: { decision: Decision }) {
  const query = useQuery(instancesQuery(decision.service));
  const now = useNow();
  if (!query.data)
    return query.error && <span className="mt-0.5 block text-faint text-xs">who enforces it is not known now</span>;
  const reach = reachOf(decision.version, decision.changedAt, query.data.items, now);
  return (
    <span className="mt-0.5 block text-faint text-xs">
      <span className={reach.instances === 0 ? 'text-high' : undefined}>{reachText(reach)}</span>
      {reach.behindTotal > 0 && <span className="text-high"> · {troubleTexts({ ...reach, vanishedTotal: 0 })[0]}</span>}
    </span>
  );
}

/** Who is behind or gone, each on its line. */
export function Troubles({ reach }: { reach: Reach }) {
  return troubleTexts(reach).map((text) => (
    <p key={text} role="status" className="flex items-start gap-1.5 break-words text-high text-sm">
      <TriangleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" /> {text}
    </p>
  ));
}
