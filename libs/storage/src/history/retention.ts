/**
 * For how long request logs and their roll-ups are kept, counted from the day of their receipt. The tables' own TTL throws
 * whole days away once nobody wants them any more; a service that keeps less than others has its rows taken out of the day
 * that has just ended for it. A change of either holds for what is there already.
 */
import { ClickHouseError } from '@clickhouse/client';
import { type History, isBeforeFirstLog } from './history.js';

/** With the roll-ups, which are small, as long as the logs that they are of. */
const TABLES = ['request_log', 'request_minute', 'request_hour'];

/** Whole days after the receipt. */
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
  if (all.some((each) => each < longest)) for (const table of TABLES) rows += await discardEarlier(history, table, retention);
  return { tables, rows };
}

async function setTtl({ client }: History, days: number): Promise<number> {
  const query = `SELECT name FROM system.tables WHERE database = currentDatabase() AND name IN {tables:Array(String)}
    AND NOT match(engine_full, {ttl:String})`;
  const params = { tables: TABLES, ttl: `TTL received \\+ toIntervalDay\\(${days}\\)` };
  const answer = await client.query({ query, query_params: params, format: 'JSONEachRow' });
  const others = await answer.json<{ name: string }>();
  for (const { name } of others) {
    // A name of ours and a whole number: a definition takes no bound parameter.
    await client.command({ query: `ALTER TABLE ${name} MODIFY TTL received + toIntervalDay(${days})` }).catch((error) => {
      // Another worker is changing the same: the next look, in ten minutes, finds it done.
      if (!(error instanceof ClickHouseError) || error.code !== '517') throw error;
    });
  }
  return others.length;
}

/** As the TTL has it: a row goes when its day and the days after it have passed. */
const OVER = `received + toIntervalDay(transform(toString(service), {services:Array(String)}, {days:Array(UInt16)}, {others:UInt16})) <= today()`;

/** Rewrites the parts of the days in which somebody's time is over, and nothing where that is nobody. */
async function discardEarlier({ client }: History, table: string, { days, ofServices }: Retention): Promise<number> {
  const shortest = Math.min(days, ...ofServices.values());
  const query_params = { services: [...ofServices.keys()], days: [...ofServices.values()], others: days, shortest };
  const where = `received + toIntervalDay({shortest:UInt16}) <= today() AND ${OVER}`;
  try {
    const answer = await client.query({
      query: `SELECT count() AS rows FROM ${table} WHERE ${where}`,
      query_params,
      format: 'JSONEachRow',
    });
    const [found] = await answer.json<{ rows: number }>();
    if (!found || found.rows === 0) return 0;
    await client.command({ query: `ALTER TABLE ${table} DELETE WHERE ${where}`, query_params });
    return found.rows;
  } catch (error) {
    if (isBeforeFirstLog(error)) return 0;
    throw error;
  }
}
