/** What is searched for, as it stands in the address: a link shows a colleague the same requests. */
import type { HistoryFilters } from '../queries.js';
import { searchOf, textUpTo, time } from '../search-fields.js';

const text = textUpTo(768);

export const readInvestigateSearch = searchOf({
  service: text,
  actor: text,
  address: text,
  credential: text,
  endpoint: text,
  method: text,
  status: text,
  verdict: text,
  path: text,
  from: time,
  to: time,
});
export type InvestigateSearch = ReturnType<typeof readInvestigateSearch>;

export const ranges = [
  { value: '900000', name: '15 min' },
  { value: '3600000', name: '1 h' },
  { value: '86400000', name: '24 h' },
  { value: '604800000', name: '7 d' },
  { value: '2592000000', name: '30 d' },
] as const;
const DAY_MS = 86_400_000;

/** What to ask the server for: the last day where no time is named. `now` only matters then. */
export function filterOf({ service: _, ...search }: InvestigateSearch, service: string, now: number): HistoryFilters {
  const to = search.to ?? now;
  const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== '');
  return { ...(Object.fromEntries(given) as InvestigateSearch), service, from: search.from ?? to - DAY_MS, to };
}

export const isNarrowed = ({ service: _, ...search }: InvestigateSearch): boolean => Object.values(search).some(Boolean);

/** Around a moment, for links from elsewhere: five minutes either way. */
export const around = (from: number, to = from) => ({ from: Math.max(0, from - 300_000), to: to + 300_000 });

/** The filter that names a subject; nothing for one that is no party of a request. */
export function partyOf(type: string, id: string): Partial<InvestigateSearch> {
  if (type === 'actor' || type === 'address' || type === 'credential' || type === 'endpoint') return { [type]: id };
  return {};
}
