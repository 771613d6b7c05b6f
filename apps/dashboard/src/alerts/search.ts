/** The filters of the list of alerts as they stand in the address: a link shows a colleague the same list. */
import { alertKinds, severities } from '@plimsoll/contracts';
import type { AlertFilters } from '../queries.js';
import { namesOf, oneOf, onlyTrue, ownId, searchOf, textUpTo, time } from '../search-fields.js';

export const stateChoices = [
  { value: 'unresolved', name: 'Unresolved' },
  { value: 'open', name: 'Open' },
  { value: 'acknowledged', name: 'Acknowledged' },
  { value: 'snoozed', name: 'Snoozed' },
  { value: 'resolved', name: 'Resolved' },
  { value: 'all', name: 'All' },
] as const;

const text = textUpTo(768);
const stateNames = stateChoices.map(({ value }) => value);

export const readAlertSearch = searchOf({
  state: oneOf(stateNames),
  kind: namesOf(alertKinds),
  severity: namesOf(severities),
  service: text,
  subject: text,
  text: textUpTo(200),
  /** `me`, `none`, or a person's id. */
  assignee: ownId,
  mentioned: (value) => (value === 'unanswered' ? value : onlyTrue(value)),
  group: oneOf(['campaign']),
  campaign: ownId,
  since: time,
  before: time,
});
export type AlertSearch = ReturnType<typeof readAlertSearch>;

export const chosenOf = <T extends string>(known: readonly T[], joined: string | undefined): T[] => {
  const names = joined?.split(',') ?? [];
  return known.filter((name) => names.includes(name));
};

/**
 * What to ask the server for. Unresolved alerts that do not sleep, unless something else is chosen.
 * @param myId who `me` is
 */
export function filtersOf(search: AlertSearch, myId = ''): AlertFilters {
  const kind = chosenOf(alertKinds, search.kind);
  const severity = chosenOf(severities, search.severity);
  const state = search.state ?? 'unresolved';
  return {
    ...(state === 'unresolved' && { state: ['open', 'acknowledged'] }),
    ...(state !== 'unresolved' && state !== 'all' && { state: [state] }),
    ...(kind.length > 0 && { kind }),
    ...(severity.length > 0 && { severity }),
    ...(search.service && { service: search.service }),
    ...(search.subject && { subject: search.subject }),
    ...(search.text && { text: search.text }),
    ...(search.assignee && { assignee: search.assignee === 'me' ? myId : search.assignee }),
    ...(search.mentioned && { mentioned: search.mentioned }),
    ...(search.group && { group: search.group }),
    ...(search.campaign && { campaign: search.campaign }),
    ...(search.since !== undefined && { since: search.since }),
    ...(search.before !== undefined && { before: search.before }),
  };
}

export const isFiltered = (search: AlertSearch): boolean => Object.values(search).some(Boolean);

/** A view as it is kept: the query part of the address. */
export const viewText = (search: AlertSearch): string =>
  `?${new URLSearchParams(Object.entries(search).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])))}`;

/** Filters of a kept view; what is no known filter is left out. */
export function viewSearch(text: string): AlertSearch {
  const fields: Record<string, unknown> = Object.fromEntries(new URLSearchParams(text));
  return readAlertSearch({ ...fields, ...(fields['mentioned'] === 'true' && { mentioned: true }) });
}
