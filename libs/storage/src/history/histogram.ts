/**
 * How many requests over time. Where nothing but service, endpoint, method, class of status and verdict is asked for, the
 * roll-ups answer, by minute or by hour: a month is then some ten thousand rows instead of all. They know whole buckets, and
 * the answer says of which time it is. Everything else is counted, from end to end of the filter as in the list.
 */
import type { HistoryBucket, HistoryFilter } from '@plimsoll/contracts';
import { KNOWN_METHODS } from '@plimsoll/detection';
import { type Condition, conditionOf } from './filter.js';
import type { History } from './history.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Widths at which a person reads a chart. */
const WIDTHS = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR_MS),
  ...[1, 2, 7, 14, 28, 56, 112, 365].map((count) => count * DAY_MS),
];
/** Of one answer. */
export const MAX_BUCKETS = 2_000;

export interface Histogram {
  /** Of which time: the filter's, its ends made whole buckets where the roll-ups answer. */
  from: number;
  to: number;
  bucketMs: number;
  requests: number;
  /** Every one, the empty too, in order. */
  buckets: HistoryBucket[];
}

/** The smallest width with at most `most` buckets over the filter's time. */
export function bucketWidth({ from, to }: { from: number; to: number }, most: number): number {
  // Ends are made whole: one bucket more than the time has.
  const fits = (width: number) => Math.ceil(to / width) - Math.floor(from / width) <= Math.max(1, most);
  return WIDTHS.find(fits) ?? Math.ceil((to - from) / Math.max(1, most - 1) / DAY_MS) * DAY_MS;
}

interface Source {
  table: string;
  /** Milliseconds of a row. */
  at: string;
  count: string;
  errors: string;
  clientErrors: string;
  refused: string;
  condition: Condition;
}

const sumIf = (condition: string) => `sumIf(requests, ${condition})`;

function rolledUp(table: string, filter: HistoryFilter): Source {
  const parts = ['service = {service:String}', "at >= toDateTime({from:Int64}, 'UTC')", "at < toDateTime({to:Int64}, 'UTC')"];
  const params: Record<string, unknown> = { service: filter.service, from: filter.from / 1_000, to: filter.to / 1_000 };
  if (filter.endpoint !== undefined) parts.push('endpoint = {endpoint:String}');
  if (filter.method !== undefined) parts.push("startsWith(endpoint, concat({method:String}, ' '))");
  if (filter.verdict?.length) parts.push('verdict IN {verdicts:Array(String)}');
  if (filter.status?.length) parts.push('status_class IN {classes:Array(UInt8)}');
  Object.assign(params, { endpoint: filter.endpoint, method: filter.method, verdicts: filter.verdict });
  params['classes'] = filter.status?.map((status) => Number(status[0]));
  return {
    table,
    at: 'toInt64(toUnixTimestamp(at)) * 1000',
    count: 'sum(requests)',
    errors: sumIf('status_class = 5'),
    clientErrors: sumIf('status_class = 4'),
    refused: sumIf("verdict != 'allow'"),
    condition: { sql: parts.join(' AND '), params: defined(params) },
  };
}

const defined = (params: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));

function counted(filter: HistoryFilter): Source {
  return {
    table: 'request_log',
    at: 'toUnixTimestamp64Milli(ts)',
    count: 'count()',
    errors: 'countIf(status >= 500)',
    clientErrors: 'countIf(status >= 400 AND status < 500)',
    refused: "countIf(verdict != 'allow')",
    condition: conditionOf(filter),
  };
}

/** What is rolled up by endpoint knows a method by the endpoint's name; all strange ones share theirs. */
const isStrange = (method: string | undefined) => method !== undefined && !KNOWN_METHODS.has(method);

function isRolledUp({ actor, address, credential, path, status, method }: HistoryFilter, bucketMs: number): boolean {
  const narrow = [actor, address, credential, path].some((value) => value !== undefined);
  const codes = status?.some((code) => !code.endsWith('xx')) ?? false;
  return !narrow && !codes && !isStrange(method) && bucketMs % MINUTE_MS === 0;
}

/** @param bucketMs width of a bucket, at least a second; {@link bucketWidth} finds one. @throws RangeError beyond {@link MAX_BUCKETS}. */
export async function histogram({ client }: History, filter: HistoryFilter, bucketMs: number): Promise<Histogram> {
  const from = Math.floor(filter.from / bucketMs) * bucketMs;
  const to = Math.max(from + bucketMs, Math.ceil(filter.to / bucketMs) * bucketMs);
  const length = (to - from) / bucketMs;
  if (!(length <= MAX_BUCKETS)) throw new RangeError(`a histogram has at most ${MAX_BUCKETS} buckets, not ${length}`);
  const whole = isRolledUp(filter, bucketMs);
  const { table, at, count, errors, clientErrors, refused, condition } = whole
    ? rolledUp(bucketMs % HOUR_MS === 0 ? 'request_hour' : 'request_minute', { ...filter, from, to })
    : counted(filter);
  const query = `SELECT intDiv(${at} - {from_:Int64}, {bucket:Int64}) AS bucket, ${count} AS total, ${errors} AS errors,
    ${clientErrors} AS client_errors, ${refused} AS refused FROM ${table} WHERE ${condition.sql} GROUP BY bucket`;
  const params = { ...condition.params, from_: from, bucket: bucketMs };
  const answer = await client.query({ query, query_params: params, format: 'JSONCompactEachRow' });
  const rows = await answer.json<[number, number, number, number, number]>();
  const empty = { requests: 0, errors: 0, clientErrors: 0, refused: 0 };
  const buckets = Array.from({ length }, (_, index): HistoryBucket => ({ ts: from + index * bucketMs, ...empty }));
  for (const [index, requests, failed, faulty, held] of rows) {
    Object.assign(buckets[index] ?? {}, { requests, errors: failed, clientErrors: faulty, refused: held });
  }
  const span = whole ? { from, to } : { from: filter.from, to: filter.to };
  return { ...span, bucketMs, requests: buckets.reduce((sum, bucket) => sum + bucket.requests, 0), buckets };
}
