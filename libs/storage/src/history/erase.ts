/**
 * Removes one actor's request logs from the history; the roll-ups stay, which count requests and name nobody. ClickHouse rewrites the
 * parts that hold them, which takes as long as it takes: it is begun once, and looked after until it is through. What it is asked to do
 * stands in its tables for a long time, so that it is told a salted hash of the actor and not the id. The salt is the erasure's own
 * id, by which the work is found again.
 */
import { createHash } from 'node:crypto';
import { type History, isBeforeFirstLog } from './history.js';

export interface HistoryErasure {
  /** Of the erasure: a name of ours. */
  id: string;
  actor: string;
}

/** `begun`: so many logs will be gone. `working`: begun before; why it failed last, where it did: ClickHouse tries again by itself. `through`: none of before is left. */
export type HistoryErased = { type: 'begun'; logs: number } | { type: 'working'; fault?: string } | { type: 'through' };

/** Of ClickHouse's words, which may go on over pages. */
const FAULT_SHOWN = 300;

interface Found {
  logs: number;
  /** Days of their receipt. */
  from: string;
  to: string;
}

/**
 * One look, which goes on where an earlier one was left. What came after the work was begun is not looked for.
 *
 * @param history of a user that may alter tables
 * @param note is told how many logs there are before anything is begun: after it they cannot be counted any more
 */
export async function eraseFromHistory(
  { client }: History,
  erasure: HistoryErasure,
  note: (logs: number) => Promise<void>,
): Promise<HistoryErased> {
  const { id, actor } = erasure;
  const one = async <T>(query: string, query_params: Record<string, string>): Promise<T | undefined> => {
    const answer = await client.query({ query, query_params, format: 'JSONEachRow' });
    return (await answer.json<T>())[0];
  };
  const work = await one<{ all: number; done: number; fault: string }>(
    `SELECT count() AS all, countIf(is_done) AS done, anyIf(latest_fail_reason, NOT is_done AND latest_fail_reason != '') AS fault FROM system.mutations
      WHERE database = currentDatabase() AND table = 'request_log' AND NOT is_killed AND position(command, {id:String}) > 0`,
    { id },
  );
  if (work && work.all > 0) {
    if (work.done >= work.all) return { type: 'through' };
    return { type: 'working', ...(work.fault && { fault: work.fault.slice(0, FAULT_SHOWN) }) };
  }
  try {
    const found = await one<Found>(
      `SELECT count() AS logs, toString(min(received)) AS from, toString(max(received)) AS to
        FROM request_log WHERE actor = {actor:String}`,
      { actor },
    );
    if (found === undefined || found.logs === 0) return { type: 'through' };
    await note(found.logs);
    const hash = createHash('sha256').update(`${actor}${id}`).digest('hex');
    await client.command({
      // Days of ClickHouse's own, a name of ours and a hash: parts of other days are not looked at.
      query: `ALTER TABLE request_log DELETE WHERE received BETWEEN '${found.from}' AND '${found.to}'
        AND SHA256(concat(actor, '${id}')) = unhex('${hash}')`,
      clickhouse_settings: { mutations_sync: '0' },
    });
    return { type: 'begun', logs: found.logs };
  } catch (error) {
    if (isBeforeFirstLog(error)) return { type: 'through' };
    throw error;
  }
}
