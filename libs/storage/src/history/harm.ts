/**
 * Whom a limit or a decision would have refused, counted by the engine. Only what was let through at that time counts: what
 * a bouncer refused then is nobody's new harm. Limits count in windows of the clock, from 1970 on. An IPv6 address counts
 * with its network, as a decision on it holds that (addresses.ts).
 */
import type { EnforceableSubject, HarmQuestion } from '@plimsoll/contracts';
import { heldAddress } from '../addresses.js';
import { conditionOf, ofAddress } from './filter.js';
import type { History } from './history.js';

/** Of one party. Times: milliseconds, of the first and the last request or window. */
export interface Hit {
  subject: EnforceableSubject;
  refused: number;
  firstAt: number;
  lastAt: number;
}

export interface Harm {
  /** The hardest hit first, at most {@link MOST_HITS}. */
  hits: Hit[];
  /** How many there are, and how many requests of all of them. */
  total: number;
  refused: number;
}

/** Of these the verdicts are looked up; beyond them a limit hits everybody, and the exact number says no more. */
export const MOST_HITS = 10_000;

interface Span {
  service: string;
  from: number;
  to: number;
}
type Limit = HarmQuestion & { type: 'limit' };
type Draft = HarmQuestion & { type: 'decision' };

/** The text of `heldAddress`, in SQL. */
const HELD =
  "if(isIPv6String(ip), concat(toString(tupleElement(IPv6CIDRToRange(toIPv6OrDefault(ip), 64), 1)), '/64'), toString(ip))";
const PARTY = { actor: "if(authenticated, actor, '')", address: HELD, credential: 'credential' };
/** What a request weighs for a limit against a kind of behaviour. */
const WEIGHT: Record<Limit['kind'], string> = {
  rate: '1',
  'auth-failures': "(auth = 'failure' OR (auth = '' AND status = 401))",
  probing: '(status IN (400, 403, 404))',
  exfiltration: 'bytes_out',
};

export function readHarm(history: History, span: Span, would: HarmQuestion): Promise<Harm> {
  return would.type === 'limit' ? ofLimit(history, span, would) : ofDecision(history, span, would);
}

async function ofLimit({ client }: History, span: Span, would: Limit): Promise<Harm> {
  const { kind, endpoint, per, atMost, windowSeconds } = would;
  const { sql, params } = conditionOf({ ...span, ...(endpoint === null ? {} : { endpoint }), verdict: ['allow'] });
  const refused =
    kind === 'exfiltration'
      ? 'arrayCount(sum -> sum > {atMost:Float64}, arrayCumSum(arrayMap(sent -> sent.2, arraySort(groupArray((ts, bytes_out))))))'
      : `toUInt64(ceil(greatest(0, sum(${WEIGHT[kind]}) - {atMost:Float64})))`;
  const query = `SELECT party, sum(beyond) AS refused, min(at) * {window:Int64} AS first, max(at) * {window:Int64} AS last,
      count() OVER () AS total, sum(refused) OVER () AS all
    FROM (
      SELECT ${PARTY[per]} AS party, intDiv(toUnixTimestamp64Milli(ts), {window:Int64}) AS at, ${refused} AS beyond
      FROM request_log WHERE ${sql} GROUP BY party, at HAVING party != '' AND beyond > 0
    ) GROUP BY party ORDER BY refused DESC, party LIMIT {most:UInt32}`;
  return harmOf(client, query, { ...params, atMost, window: windowSeconds * 1000, most: MOST_HITS }, per);
}

/** The requests that a decision would have held: by window, so many of which pass. */
function heldBy(span: Span, { action, subject, endpoint, rate }: Draft) {
  const { sql, params } = conditionOf({ ...span, ...(endpoint === null ? {} : { endpoint }), verdict: ['allow'] });
  const held = subject.type === 'address' ? heldAddress(subject.id) : subject.id;
  const party = subject.type === 'address' ? ofAddress(held, 'party') : `${PARTY[subject.type]} = {party:String}`;
  const throttled = action === 'throttle' && rate !== undefined;
  const window = throttled ? Math.max(1, Math.round(rate.windowSeconds * 1000)) : span.to;
  const atMost = throttled ? rate.requests : 0;
  return { held, sql: `${sql} AND ${party}`, params: { ...params, party: held, window, atMost } };
}

async function ofDecision({ client }: History, span: Span, would: Draft): Promise<Harm> {
  const { held, sql, params } = heldBy(span, would);
  const query = `SELECT sum(beyond) AS refused, min(first_ms) AS first, max(last_ms) AS last FROM (
      SELECT intDiv(toUnixTimestamp64Milli(ts), {window:Int64}) AS at, toUInt64(ceil(greatest(0, count() - {atMost:Float64}))) AS beyond,
        toUnixTimestamp64Milli(min(ts)) AS first_ms, toUnixTimestamp64Milli(max(ts)) AS last_ms
      FROM request_log WHERE ${sql} GROUP BY at HAVING beyond > 0
    )`;
  const answer = await client.query({ query, query_params: params, format: 'JSONCompactEachRow' });
  const [[refused, firstAt, lastAt] = [0, 0, 0]] = await answer.json<[number, number, number]>();
  if (refused === 0) return { hits: [], total: 0, refused: 0 };
  return { hits: [{ subject: { ...would.subject, id: held }, refused, firstAt, lastAt }], total: 1, refused };
}

/** The users behind an address or a credential, the hardest hit first: what would have been refused is shared out by what each asked. */
export async function readUsersHarmed({ client }: History, span: Span, would: Draft): Promise<Harm> {
  const { sql, params } = heldBy(span, would);
  const query = `SELECT party, toUInt64(ceil(sum(n * (asked - {atMost:Float64}) / asked))) AS refused, min(first_ms) AS first, max(last_ms) AS last,
      count() OVER () AS total, sum(refused) OVER () AS all
    FROM (
      SELECT party, n, first_ms, last_ms, sum(n) OVER (PARTITION BY at) AS asked FROM (
        SELECT intDiv(toUnixTimestamp64Milli(ts), {window:Int64}) AS at, ${PARTY.actor} AS party, count() AS n,
          toUnixTimestamp64Milli(min(ts)) AS first_ms, toUnixTimestamp64Milli(max(ts)) AS last_ms
        FROM request_log WHERE ${sql} GROUP BY at, party
      )
    ) WHERE asked > {atMost:Float64} AND party != '' GROUP BY party ORDER BY refused DESC, party LIMIT {most:UInt32}`;
  return harmOf(client, query, { ...params, most: MOST_HITS }, 'actor');
}

type Row = [party: string, refused: number, first: number, last: number, total: number, all: number];

/** By party: what is refused, its first and last time; and in each row the sums of all. */
async function harmOf(
  client: History['client'],
  query: string,
  params: Record<string, unknown>,
  type: EnforceableSubject['type'],
): Promise<Harm> {
  const answer = await client.query({ query, query_params: params, format: 'JSONCompactEachRow' });
  const rows = await answer.json<Row>();
  return {
    hits: rows.map(([id, refused, firstAt, lastAt]) => ({ subject: { type, id }, refused, firstAt, lastAt })),
    total: rows[0]?.[4] ?? 0,
    refused: rows[0]?.[5] ?? 0,
  };
}

/** How many requests these made in that time, whatever became of them, and how many there were of all. */
export async function countRequests(
  { client }: History,
  span: Span,
  subjects: readonly EnforceableSubject[],
): Promise<{ of: Map<string, number>; all: number }> {
  const { sql, params } = conditionOf(span);
  const type = subjects[0]?.type ?? 'actor';
  const ranges = type === 'address' && subjects.some(({ id }) => id.includes('/'));
  // The index of addresses knows them one by one. A range stands alone, and may be any: logs do not have it by its name.
  const column = type === 'address' && !ranges ? 'ip' : PARTY[type];
  const query =
    ranges && subjects.length === 1
      ? `SELECT {range:String}, count() FROM request_log WHERE ${sql} AND ${ofAddress(subjects[0]?.id ?? '', 'range')}`
      : `SELECT ${column} AS party, count() FROM request_log WHERE ${sql} AND party IN {parties:Array(String)} GROUP BY party`;
  const named = { ...params, parties: subjects.map(({ id }) => id), range: subjects[0]?.id ?? '' };
  const [some, every] = await Promise.all([
    client.query({ query, query_params: named, format: 'JSONCompactEachRow' }),
    client.query({ query: `SELECT count() FROM request_log WHERE ${sql}`, query_params: params, format: 'JSONCompactEachRow' }),
  ]);
  const [[all] = [0]] = await every.json<[number]>();
  return { of: new Map(await some.json<[string, number]>()), all };
}
