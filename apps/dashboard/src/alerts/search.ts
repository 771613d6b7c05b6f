/** The filters of the list of alerts as they stand in the address: a link shows a colleague the same list. */
import { alertKinds, severities } from '@plimsoll/contracts';
import { z } from 'zod';
import type { AlertFilters } from '../queries.js';

export const stateChoices = [
  { value: 'unresolved', name: 'Unresolved' },
  { value: 'open', name: 'Open' },
  { value: 'acknowledged', name: 'Acknowledged' },
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

export const alertSearchSchema = z.object({
  state: z.enum(['unresolved', 'open', 'acknowledged', 'resolved', 'all']).optional().catch(undefined),
  kind: namesIn(alertKinds),
  severity: namesIn(severities),
  service: text,
  subject: text,
});
export type AlertSearch = z.infer<typeof alertSearchSchema>;

export const chosenOf = <T extends string>(known: readonly T[], joined: string | undefined): T[] => {
  const names = joined?.split(',') ?? [];
  return known.filter((name) => names.includes(name));
};

/** What to ask the server for. Unresolved alerts unless something else is chosen. */
export function filtersOf(search: AlertSearch): AlertFilters {
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
  };
}

export const isFiltered = (search: AlertSearch): boolean =>
  Boolean(search.kind || search.severity || search.service || search.subject || search.state);
