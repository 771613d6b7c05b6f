/**
 * Which request logs of the history are meant: one filter for the search, the histogram, the export and the command line,
 * so that a link, a chart and a file never speak of different requests. Everything in it narrows; what is absent does not.
 */
import { z } from 'zod';
import { listOf } from './operation.js';
import { verdictSchema } from './request-log.js';
import { addressRange } from './settings.js';
import { clientText, endpointName, epochMs, serviceId } from './text.js';

/** A status code, `404`, or a class of them, `4xx`. */
export const statusSchema = z.string().regex(/^[1-5](\d\d|xx)$/, 'a status such as 404, or a class such as 4xx');

/** As it stands in a query. `from` is included, `to` is not; both are event time. */
export const historyFilterQuery = {
  service: serviceId,
  /** The actor that the host named, authenticated or only claimed. */
  actor: clientText(256).optional(),
  /** In any of its forms; or a range: a decision on an IPv6 address holds its /64. */
  address: addressRange.optional(),
  credential: clientText(128).optional(),
  endpoint: endpointName.optional(),
  method: z
    .string()
    .regex(/^[A-Za-z-]{1,20}$/, 'an HTTP method')
    .transform((name) => name.toUpperCase())
    .optional(),
  /** Any of these: `404,5xx`. */
  status: listOf(statusSchema).pipe(z.array(z.string()).max(20)).optional(),
  /** What the bouncer answered, any of these: `throttle,block`. */
  verdict: listOf(verdictSchema).optional(),
  /** A part of the path, literally, small letters or capitals. */
  path: clientText(256).optional(),
  from: z.coerce.number().pipe(epochMs).optional(),
  to: z.coerce.number().pipe(epochMs).optional(),
};
export const historyFilterSchema = z.strictObject(historyFilterQuery);

/** A filter after parsing, with both ends known: what the storage is asked. */
export type HistoryFilter = Omit<z.output<typeof historyFilterSchema>, 'from' | 'to'> & { from: number; to: number };

const DAY_MS = 86_400_000;

/** Where a filter names no time: the day before its end, and its end is now. */
export function spanOf<T extends { from?: number | undefined; to?: number | undefined }>(
  filter: T,
  now: number,
): T & { from: number; to: number } {
  const to = filter.to ?? now + 1;
  return { ...filter, from: filter.from ?? Math.max(0, to - DAY_MS), to };
}
