/**
 * One request log as a row of the history and back. What is kept is what was given, with one exception: durations are
 * kept to the microsecond. An id that ends in a number (`batch:<hash>:<index>`) is kept as stem and number, because a stem
 * is then shared by a whole batch and packs to little.
 */
import type { RequestLog, Timing, VerdictName } from '@plimsoll/contracts';

/** A request log of the history. */
export interface KeptLog {
  service: string;
  /** The endpoint that it was counted for: method and learnt or given template. */
  endpoint: string;
  log: RequestLog;
}

/** In the order in which rows are written and read. */
const COLUMNS = [
  'service',
  'ts',
  'endpoint',
  'method',
  'route',
  'path',
  'status',
  'duration_us',
  'bytes_in',
  'bytes_out',
  'ip',
  'user_agent',
  'actor',
  'authenticated',
  'auth',
  'credential',
  'trace_id',
  'verdict',
  'timing',
  'id_stem',
  'id_number',
] as const;

export const WRITTEN = [...COLUMNS, 'received'].join(', ');
/** `authenticated` as 0 or 1: shorter than `true`, the same to JSON.parse. */
export const READ = COLUMNS.map((name) =>
  name === 'ts' ? 'toUnixTimestamp64Milli(ts)' : name === 'authenticated' ? 'toUInt8(authenticated)' : name,
).join(', ');

/** A row as `JSONCompactEachRow` gives it for {@link READ}. */
export type Row = [
  service: string,
  ts: number,
  endpoint: string,
  method: string,
  route: string,
  path: string,
  status: number,
  durationUs: number,
  bytesIn: number,
  bytesOut: number,
  ip: string,
  userAgent: string,
  actor: string,
  authenticated: 0 | 1,
  auth: '' | 'success' | 'failure',
  credential: string,
  traceId: string,
  verdict: VerdictName,
  timing: Timing,
  idStem: string,
  idNumber: number,
];

/** No leading zero, so that the number gives the same text again; below 2^32 - 1, as it is kept plus one. */
const NUMBERED = /^(.*):(0|[1-9]\d{0,8})$/s;

/** @returns the stem and the number plus one; 0 where the id ends in none. */
export function splitId(id: string): [stem: string, number: number] {
  const [, stem, digits] = NUMBERED.exec(id) ?? [];
  return stem === undefined ? [id, 0] : [stem, Number(digits) + 1];
}

export const joinId = (stem: string, number: number): string => (number === 0 ? stem : `${stem}:${number - 1}`);

/** @param received day of receipt, `YYYY-MM-DD` in UTC. @returns one line for `JSONCompactEachRow`, with its line break. */
export function toLine(service: string, endpoint: string, log: RequestLog, received: string): string {
  const [stem, number] = splitId(log.id);
  const row = [
    service,
    log.ts,
    endpoint,
    log.method,
    log.route ?? '',
    log.path,
    log.status,
    Math.round(log.durationMs * 1_000),
    log.bytesIn,
    log.bytesOut,
    log.ip,
    log.userAgent,
    log.actor ?? '',
    log.authenticated ? 1 : 0,
    log.auth ?? '',
    log.credential ?? '',
    log.traceId ?? '',
    log.verdict,
    log.timing,
    stem,
    number,
    received,
  ];
  return `${JSON.stringify(row)}\n`;
}

export function toKept(row: Row): KeptLog {
  const [service, ts, endpoint, method, route, path, status, durationUs, bytesIn, bytesOut, ip, userAgent, ...who] = row;
  const [actor, authenticated, auth, credential, traceId, verdict, timing, stem, number] = who;
  const log: RequestLog = {
    id: joinId(stem, number),
    ts,
    method,
    ...(route === '' ? {} : { route }),
    path,
    status,
    durationMs: durationUs / 1_000,
    bytesIn,
    bytesOut,
    ip,
    userAgent,
    ...(actor === '' ? {} : { actor }),
    authenticated: authenticated === 1,
    ...(auth === '' ? {} : { auth }),
    ...(credential === '' ? {} : { credential }),
    ...(traceId === '' ? {} : { traceId }),
    verdict,
    timing,
  };
  return { service, endpoint, log };
}
