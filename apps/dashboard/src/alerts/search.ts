/** The filters of the list of alerts as they stand in the address: a link shows a colleague the same list. */
import { alertKinds, severities } from '@plimsoll/contracts';
import { z } from 'zod';
import type { AlertFilters } from '../queries.js';

export const stateChoices = [
  { value: 'unresolved', name: 'Unresolved' },
  { value: 'open', name: 'Open' },
  { value: 'acknowledged', name: 'Acknowledged' },
  { value: 'snoozed', name: 'Snoozed' },
  { value: 'resolved', name: 'Resolved' },
  { value: 'all', name: 'All' },
] as const;

/** `rate,probing` in the address; what is no known name is left out, so that an old link still works. */
const namesIn = <T extends string>(known: readonly T[]) =>
  z.coerce
    .string()
    .transform((text) => known.filter((name) => text.split(',').includes(name)).join(','))
    .optional()
    .catch(undefined);

const text = z.coerce.string().max(768).optional().catch(undefined);

const time = z.coerce.number().int().min(0).max(8_640_000_000_000_000).optional().catch(undefined);

export const alertSearchSchema = z.object({
  state: z.enum(['unresolved', 'open', 'acknowledged', 'snoozed', 'resolved', 'all']).optional().catch(undefined),
  kind: namesIn(alertKinds),
  severity: namesIn(severities),
  service: text,
  subject: text,
  text: z.coerce.string().max(200).optional().catch(undefined),
  /** `me`, `none`, or a person's id. */
  assignee: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,80}$/)
    .optional()
    .catch(undefined),
  mentioned: z.literal(true).optional().catch(undefined),
  group: z.literal('campaign').optional().catch(undefined),
  campaign: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,80}$/)
    .optional()
    .catch(undefined),
  /** Milliseconds since the epoch: the same for everybody who opens the address. */
  since: time,
  before: time,
});
export type AlertSearch = z.infer<typeof alertSearchSchema>;

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
  return alertSearchSchema.parse({ ...fields, ...(fields['mentioned'] === 'true' && { mentioned: true }) });
}
