/**
 * Request logs out of columns (native.ts), for whoever goes through many of them. All logs have the same fields in the same
 * order, and one that is absent has no value: so all that reads them afterwards meets one kind of object, which is read several
 * times faster than thirty kinds.
 */
import type { RequestLog } from '@plimsoll/contracts';
import type { Block } from './native.js';
import { joinId, type KeptLog } from './rows.js';

const word = (name: string) => `toLowCardinality(toString(${name}))`;
/** Nearly each log has another. */
const text = (name: string) => `toString(${name})`;
/** Exact below 2^53, as a number of JSON is. */
const number = (name: string) => `toFloat64(${name})`;
const small = (name: string) => `toUInt32(${name})`;

const TRACE_ID = text('trace_id');
const COLUMNS = [
  word('service'),
  word('endpoint'),
  number('toUnixTimestamp64Milli(ts)'),
  word('method'),
  word('route'),
  word('path'),
  small('status'),
  number('duration_us'),
  number('bytes_in'),
  number('bytes_out'),
  word('ip'),
  word('user_agent'),
  word('actor'),
  small('authenticated'),
  word('auth'),
  word('credential'),
  TRACE_ID,
  word('verdict'),
  word('timing'),
  text('id_stem'),
  small('id_number'),
] as const;

export const WIDTH = COLUMNS.length;

/** What to select. Trace ids, which pack to nothing, may be left out. */
export const selected = (traceIds: boolean): string =>
  COLUMNS.map((column) => (column === TRACE_ID && !traceIds ? word("''") : column)).join(', ');

type Columns = [
  service: string[],
  endpoint: string[],
  ts: Float64Array,
  method: string[],
  route: string[],
  path: string[],
  status: Uint32Array,
  durationUs: Float64Array,
  bytesIn: Float64Array,
  bytesOut: Float64Array,
  ip: string[],
  userAgent: string[],
  actor: string[],
  authenticated: Uint32Array,
  auth: string[],
  credential: string[],
  traceId: string[],
  verdict: string[],
  timing: string[],
  stem: string[],
  number: Uint32Array,
];

const given = (text: string | undefined) => (text === '' ? undefined : text);

/** The logs of the rows from `first` to before `end`. */
export function logsOf({ columns }: Block, first: number, end: number): KeptLog[] {
  const [services, endpoints, times, methods, routes, paths, statuses, durations, bytesIn, bytesOut, ips, agents, ...who] =
    columns as Columns;
  const [actors, authenticated, auths, credentials, traceIds, verdicts, timings, stems, numbers] = who;
  const kept: KeptLog[] = [];
  for (let row = first; row < end; row += 1) {
    const log = {
      id: joinId(stems[row] ?? '', numbers[row] ?? 0),
      ts: times[row],
      method: methods[row],
      route: given(routes[row]),
      path: paths[row],
      status: statuses[row],
      durationMs: (durations[row] ?? 0) / 1_000,
      bytesIn: bytesIn[row],
      bytesOut: bytesOut[row],
      ip: ips[row],
      userAgent: agents[row],
      actor: given(actors[row]),
      authenticated: authenticated[row] === 1,
      auth: given(auths[row]),
      credential: given(credentials[row]),
      traceId: given(traceIds[row]),
      verdict: verdicts[row],
      timing: timings[row],
    };
    kept.push({ service: services[row] ?? '', endpoint: endpoints[row] ?? '', log: log as RequestLog });
  }
  return kept;
}
