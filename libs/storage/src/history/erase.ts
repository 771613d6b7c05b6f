/**
 * Removes one actor's request logs from the history. ClickHouse rewrites the parts that hold them and answers when it is done;
 * the roll-ups stay, which count requests and name nobody.
 */
import { ClickHouseError } from '@clickhouse/client';
import type { History } from './history.js';

/** ClickHouse's word for a table that is not there: nothing was ever kept. */
const NO_TABLE = '60';

/** @param history of a user that may alter tables. @returns how many logs were removed. */
export async function eraseFromHistory({ client }: History, actor: string): Promise<number> {
  const query_params = { actor };
  try {
    const answer = await client.query({
      query: 'SELECT count() AS logs FROM request_log WHERE actor = {actor:String}',
      query_params,
      format: 'JSONEachRow',
    });
    const [row] = await answer.json<{ logs: number }>();
    if (!row || row.logs === 0) return 0;
    await client.command({
      query: 'ALTER TABLE request_log DELETE WHERE actor = {actor:String}',
      query_params,
      clickhouse_settings: { mutations_sync: '2' },
    });
    return row.logs;
  } catch (error) {
    if (error instanceof ClickHouseError && error.code === NO_TABLE) return 0;
    throw error;
  }
}
