/** Comments that wait for the person whom they mention: told when they come, and counted until that person says or does something. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { AtSign } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { callOperation } from '../api.js';
import { toast } from '../toast.js';

/** How long the word of a new one stays. */
const NEWS_MS = 10_000;
/** So many are counted; beyond them it is "more". */
const MOST_MENTIONS = 20;
/** Ids of unresolved alerts with a comment that mentions the person and waits for a word or an act. */
const mentionsQuery = queryOptions({
  queryKey: ['mentions'],
  queryFn: async ({ signal }) => {
    const query = { mentioned: 'unanswered', limit: MOST_MENTIONS + 1 } as const;
    return (await callOperation('alerts', { query }, signal)).items.map(({ id }) => id);
  },
  refetchInterval: 60_000,
});

const to = { to: '/alerts', search: { mentioned: 'unanswered', state: 'all' } } as const;

export function Mentions() {
  const { data: alerts } = useQuery(mentionsQuery);
  const navigate = useNavigate();
  /** Undefined until the first answer: what waited before the page was opened is no news. */
  const known = useRef<readonly string[]>(undefined);
  useEffect(() => {
    const before = known.current;
    known.current = alerts;
    if (!alerts || !before || alerts.every((id) => before.includes(id))) return;
    const action = { label: 'Show', onClick: () => void navigate(to) };
    toast.info('A comment mentions you', { duration: NEWS_MS, action });
  }, [alerts, navigate]);
  const waiting = alerts?.length ?? 0;
  if (waiting === 0) return null;
  const number = waiting > MOST_MENTIONS ? `${MOST_MENTIONS}+` : String(waiting);
  return (
    <Link
      {...to}
      title="Alerts with a comment that mentions you, and to which you have said and done nothing since"
      className="flex items-center gap-1.5 rounded-md px-2 py-1 font-medium text-accent text-xs hover:bg-hover"
    >
      <AtSign aria-hidden className="size-3.5" />
      {number} <span className="max-md:sr-only">{waiting === 1 ? 'mention waits' : 'mentions wait'} for you</span>
    </Link>
  );
}
