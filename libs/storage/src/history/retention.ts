/**
 * For how long request logs and their roll-ups are kept, counted from the day of their receipt: the tables' own TTL, by
 * which ClickHouse throws whole days away. A change of the setting changes the TTL, and holds for what is there already.
 */
import { ClickHouseError } from '@clickhouse/client';
import type { History } from './history.js';

/** With the roll-ups, which are small, as long as the logs that they are of. */
const TABLES = ['request_log', 'request_minute', 'request_hour'];

/** @param days whole days after the receipt. @returns how many tables were changed; none where they are not there yet. */
export async function keepFor({ client }: History, days: number): Promise<number> {
  if (!Number.isInteger(days) || days < 1) throw new RangeError('request logs are kept for a whole number of days, at least one');
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
