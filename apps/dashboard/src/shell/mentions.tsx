/** Comments that wait for the person whom they mention: told when they come, and counted until that person says or does something. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { AtSign } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { callOperation } from '../api.js';
import { toast } from '../toast.js';

/** So many are counted; beyond them it is "more". */
const MOST_MENTIONS = 20;
/** Unresolved alerts with a comment that mentions the person and waits for a word or an act. */
const mentionsQuery = queryOptions({
  queryKey: ['mentions'],
  queryFn: async ({ signal }) => {
    const query = { mentioned: 'unanswered', state: 'open,acknowledged,snoozed', limit: MOST_MENTIONS + 1 } as const;
    return (await callOperation('alerts', { query }, signal)).items.length;
  },
  refetchInterval: 60_000,
});

const to = { to: '/alerts', search: { mentioned: true, state: 'all' } } as const;

export function Mentions() {
  const { data: waiting } = useQuery(mentionsQuery);
  const navigate = useNavigate();
  /** Undefined until the first answer: what waited before the page was opened is no news. */
  const known = useRef<number>(undefined);
  useEffect(() => {
    if (waiting === undefined) return;
    if (known.current !== undefined && waiting > known.current) {
      toast.info('A comment mentions you', { action: { label: 'Show', onClick: () => void navigate(to) } });
    }
    known.current = waiting;
  }, [waiting, navigate]);
  if (!waiting) return null;
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
