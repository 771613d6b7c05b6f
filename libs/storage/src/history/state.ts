/**
 * Whether the history can be asked, and what it has: state, oldest and newest log, rows, bytes, gaps. The private server of
 * `plimsoll up` is there before its engine is: until then it answers with an exception whose type says so.
 */
import { ClickHouseError } from '@clickhouse/client';
import type { HistoryCoverage, HistoryState } from '@plimsoll/contracts';
import type { Database } from '../database.js';
import { readGaps } from './gaps.js';
import { type History, isBeforeFirstLog } from './history.js';

/** Types of the exceptions with which the private server answers while it has no engine. */
export const PREPARING = 'PLIMSOLL_PREPARING';
export const OFF = 'PLIMSOLL_OFF';

export interface HistoryStanding {
  state: HistoryState;
  /** Why it is not on, and what to do. */
  reason: string | null;
}

const SWITCHED_OFF: HistoryStanding = {
  state: 'off',
  reason: 'No request history is kept: set CLICKHOUSE_URL, or start without --no-history.',
};

/** What an error of any query says about the state. */
export function standingAfter(error: unknown): HistoryStanding {
  if (!(error instanceof ClickHouseError)) return { state: 'away', reason: 'ClickHouse does not answer.' };
  if (error.type === PREPARING) return { state: 'preparing', reason: error.message };
  if (error.type === OFF) return { state: 'off', reason: error.message };
  return { state: 'away', reason: `ClickHouse answers with an error (code ${error.code}).` };
}

/** @param history undefined where CLICKHOUSE_URL is not set */
export async function historyStanding(history: History | undefined): Promise<HistoryStanding> {
  if (history === undefined) return SWITCHED_OFF;
  const answer = await history.client.ping({ select: true });
  return answer.success ? { state: 'on', reason: null } : standingAfter(answer.error);
}

interface Kept {
  requests: number;
  oldest: number;
  newest: number;
}

async function keptOf({ client }: History, service: string | undefined): Promise<Kept | undefined> {
  // The roll-ups know where to look; the log itself gives the milliseconds.
  const where = service === undefined ? '' : 'WHERE service = {service:String}';
  const query = `SELECT sum(requests) AS requests, toInt64(toUnixTimestamp(min(at))) AS first, toInt64(toUnixTimestamp(max(at))) AS last FROM request_hour ${where}`;
  const params = service === undefined ? {} : { service };
  const answer = await client.query({ query, query_params: params, format: 'JSONEachRow' });
  const [hours] = await answer.json<{ requests: number; first: number; last: number }>();
  if (!hours || hours.requests === 0) return undefined;
  const ends = `SELECT toUnixTimestamp64Milli(min(ts)) AS oldest, toUnixTimestamp64Milli(max(ts)) AS newest FROM request_log
    WHERE ${service === undefined ? '1' : 'service = {service:String}'} AND (toStartOfHour(ts) = toDateTime({first:Int64}, 'UTC') OR toStartOfHour(ts) = toDateTime({last:Int64}, 'UTC'))`;
  const exact = await client.query({ query: ends, query_params: { ...params, ...hours }, format: 'JSONEachRow' });
  const [row] = await exact.json<{ oldest: number; newest: number }>();
  return { requests: hours.requests, oldest: row?.oldest ?? 0, newest: row?.newest ?? 0 };
}

async function bytesOf({ client }: History): Promise<number> {
  const query = `SELECT sum(bytes_on_disk) AS bytes FROM system.parts
    WHERE active AND database = currentDatabase() AND table LIKE 'request\\_%'`;
  const answer = await client.query({ query, format: 'JSONEachRow' });
  const [row] = await answer.json<{ bytes: number }>();
  return row?.bytes ?? 0;
}

/** @param service of which; of all where it is undefined. The bytes are those of all services. Never rejects because ClickHouse is away. */
export async function coverage(history: History | undefined, db: Database, service?: string): Promise<HistoryCoverage> {
  const missing = await readGaps(db, service);
  const nothing = { oldest: null, newest: null, requests: 0, bytes: 0, ...missing };
  const standing = await historyStanding(history);
  if (history === undefined || standing.state !== 'on') return { ...standing, ...nothing };
  try {
    const [kept, bytes] = await Promise.all([keptOf(history, service), bytesOf(history)]);
    return { ...standing, ...nothing, ...kept, bytes };
  } catch (error) {
    // The tables are made by the first worker that reaches ClickHouse.
    if (isBeforeFirstLog(error)) return { ...standing, ...nothing };
    return { ...standingAfter(error), ...nothing };
  }
}
