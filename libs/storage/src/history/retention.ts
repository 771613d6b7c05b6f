/**
 * For how long request logs and their roll-ups are kept, counted from the day of their receipt. The tables' own TTL throws
 * whole days away once nobody wants them any more; a service that keeps less than others has its rows taken out of the day
 * that has just ended for it. A change of either holds for what is there already.
 */
import { ClickHouseError } from '@clickhouse/client';
import { type History, isBeforeFirstLog } from './history.js';

/** The day of receipt is one of UTC, whatever the server's zone; whoever keeps for N days keeps the last log of a day for N days. */
const isBefore = (days: number) => `received < toDate(now('UTC')) - ${days}`;

/** With the roll-ups, which are small, as long as the logs that they are of. */
const TABLES = ['request_log', 'request_minute', 'request_hour'];

/** Whole days after the day of receipt. */
export interface Retention {
  /** Of services that say nothing themselves. */
  days: number;
  /** Of those that do. */
  ofServices: ReadonlyMap<string, number>;
}

/** @returns how many tables had another TTL, and from how many rows services were rid; none where nothing was ever kept. */
export async function keepFor(history: History, retention: Retention): Promise<{ tables: number; rows: number }> {
  const { days, ofServices } = retention;
  const all = [days, ...ofServices.values()];
  if (!all.every((each) => Number.isInteger(each) && each > 0))
    throw new RangeError('request logs are kept for a whole number of days, at least one');
  const longest = Math.max(...all);
  const tables = await setTtl(history, longest);
  let rows = 0;
  // Who keeps as long as the longest is the TTL's business alone.
  if (all.some((each) => each < longest))
    for (const table of TABLES) rows += await discardEarlier(history, table, retention, longest);
  return { tables, rows };
}

/** A day more than is kept: what came at the end of a day is kept as long as what came at its begin. */
async function setTtl({ client }: History, days: number): Promise<number> {
  const query = `SELECT name FROM system.tables WHERE database = currentDatabase() AND name IN {tables:Array(String)}
    AND NOT match(engine_full, {ttl:String})`;
  const params = { tables: TABLES, ttl: `TTL received \\+ toIntervalDay\\(${days + 1}\\)` };
  const answer = await client.query({ query, query_params: params, format: 'JSONEachRow' });
  const others = await answer.json<{ name: string }>();
  for (const { name } of others) {
    // A name of ours and a whole number: a definition takes no bound parameter.
    await client.command({ query: `ALTER TABLE ${name} MODIFY TTL received + toIntervalDay(${days + 1})` }).catch((error) => {
      // Another worker is changing the same: the next look, in ten minutes, finds it done.
      if (!(error instanceof ClickHouseError) || error.code !== '517') throw error;
    });
  }
  return others.length;
}

/** Unfinished work of an earlier look, which may carry other days: what is left to do is seen when that has ended. */
async function isAtWork({ client }: History, table: string): Promise<boolean> {
  const query = `SELECT count() AS waiting FROM system.mutations
    WHERE database = currentDatabase() AND table = {table:String} AND NOT is_done AND NOT is_killed`;
  const answer = await client.query({ query, query_params: { table }, format: 'JSONEachRow' });
  const [row] = await answer.json<{ waiting: number }>();
  return (row?.waiting ?? 0) > 0;
}

/**
 * Rows whose time is over, as a condition that the table's key and its days can be pruned by: for each number of days below the
 * longest, those services and every day before. Names are bound; the rest are whole numbers.
 */
function isOver({ days, ofServices }: Retention, longest: number): { where: string; query_params: Record<string, string[]> } {
  const query_params: Record<string, string[]> = { own: [...ofServices.keys()] };
  const conditions = days < longest ? [`(service NOT IN {own:Array(String)} AND ${isBefore(days)})`] : [];
  for (const each of new Set(ofServices.values())) {
    if (each === longest) continue;
    query_params[`of${each}`] = [...ofServices].filter(([, kept]) => kept === each).map(([service]) => service);
    conditions.push(`(service IN {of${each}:Array(String)} AND ${isBefore(each)})`);
  }
  return { where: conditions.join(' OR '), query_params };
}

/** Rewrites the parts in which somebody's time is over, and nothing where that is nobody. */
async function discardEarlier(history: History, table: string, retention: Retention, longest: number): Promise<number> {
  const { client } = history;
  const { where, query_params } = isOver(retention, longest);
  try {
    if (await isAtWork(history, table)) return 0;
    const query = `SELECT count() AS rows FROM ${table} WHERE ${where}`;
    const answer = await client.query({ query, query_params, format: 'JSONEachRow' });
    const [found] = await answer.json<{ rows: number }>();
    if (!found || found.rows === 0) return 0;
    await client.command({ query: `ALTER TABLE ${table} DELETE WHERE ${where}`, query_params });
    return found.rows;
  } catch (error) {
    if (isBeforeFirstLog(error)) return 0;
    throw error;
  }
}
