/** Which decisions are shown, as it stands in the address. */
import type { Decision } from '@plimsoll/contracts';
import { isActive, isStanding } from '../live-cache.js';
import type { DecisionFilters } from '../queries.js';
import { oneOf, searchOf, serviceName } from '../search-fields.js';

export const choices = [
  { value: 'active', name: 'In force' },
  { value: 'ending', name: 'Ending soon' },
  { value: 'pending', name: 'Waiting' },
  { value: 'ended', name: 'Ended' },
  { value: 'dry-run', name: 'Dry run' },
  { value: 'all', name: 'All' },
] as const;
export type Show = (typeof choices)[number]['value'];

export const readDecisionSearch = searchOf({
  show: oneOf(choices.map(({ value }) => value)),
  by: oneOf(['policy', 'person']),
  service: serviceName,
});
export type DecisionSearch = ReturnType<typeof readDecisionSearch>;

const filters: Record<Show, DecisionFilters> = {
  active: { active: true },
  ending: { active: true, order: 'ending' },
  pending: { active: true, mode: 'pending' },
  ended: { active: false, mode: 'enforced' },
  'dry-run': { mode: 'dry-run' },
  all: {},
};

export const filtersOf = ({ show = 'active', by, service }: DecisionSearch): DecisionFilters => ({
  ...filters[show],
  ...(by && { origin: by }),
  ...(service && { service }),
});

/** What ends within it ends soon. */
const SOON_MS = 3_600_000;
/** So long a decision whose time ran out stays in sight. */
const LINGERS_MS = 2_000;

/** Whether a decision belongs into a list by the clock; the server knows no more than when it was asked. */
export function stays(show: Show, decision: Decision, now: number): boolean {
  if (show === 'pending') return isStanding(decision, now - LINGERS_MS);
  if (show === 'ended') return !isStanding(decision, now);
  if (show !== 'active' && show !== 'ending') return true;
  return isActive(decision, now - LINGERS_MS) && (show === 'active' || decision.until - now < SOON_MS);
}

/**
 * Whether what was not loaded yet can belong into the list too. Those that end soon come by their end: behind one that ends later
 * there is none.
 */
export const goesOn = (show: Show, last: Decision | undefined, now: number): boolean =>
  show !== 'ending' || last === undefined || last.until - now < SOON_MS;

export const nothing: Record<Show, { title: string; text: string }> = {
  active: {
    title: 'Nobody is held back',
    text: 'Policies and people throttle, challenge or block; what they decided stands here with its end and a way to lift it.',
  },
  ending: { title: 'Nothing ends within the hour', text: 'What does can be extended here, or left to run out.' },
  pending: {
    title: 'Nothing waits for a person',
    text: 'Where policies would block more of the live traffic at once than a service allows, the blocks wait here for a word.',
  },
  ended: { title: 'Nothing has ended yet', text: 'What ran out, was lifted or replaced stays listed here.' },
  'dry-run': {
    title: 'No dry run has found anybody',
    text: 'What the policies of a service on a dry run would have done is listed here; nobody is held back by it. The page of a service turns one on.',
  },
  all: { title: 'No decision yet', text: 'What policies and people decide stays listed here.' },
};
