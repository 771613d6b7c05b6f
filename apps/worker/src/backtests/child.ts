/**
 * A process that runs one backtest and ends: `node child.js ID`, with the worker's own environment. It has the lowest
 * priority and connections of its own, so that it never stands in detection's way; it reads the history, and writes how far
 * it is, its result or its fault into its row. It ends with its parent, and the row says what becomes of it.
 */
import { constants, setPriority } from 'node:os';
import { endBacktest, noteProgress, openDatabase, openHistory, runBacktest, sentenceOf, startBacktest } from '@plimsoll/storage';
import { z } from 'zod';

const ONE_LIVE_QUERY_MS = 600_000;
const envSchema = z.object({
  DATABASE_URL: z.string(),
  CLICKHOUSE_URL: z.string().optional(),
  PLIMSOLL_SHARDS: z.coerce.number().int().min(1).max(1024).default(4),
});

async function run(id: string): Promise<void> {
  const env = envSchema.parse(process.env);
  const { db, close } = openDatabase(env.DATABASE_URL, { max: 2 });
  const history =
    env.CLICKHOUSE_URL === undefined ? undefined : openHistory(env.CLICKHOUSE_URL, { max: 2, timeoutMs: ONE_LIVE_QUERY_MS });
  try {
    const task = await startBacktest(db, id, Date.now());
    if (task === undefined) return;
    try {
      const shards = env.PLIMSOLL_SHARDS;
      const result = await runBacktest({
        db,
        history,
        shards,
        task,
        now: Date.now,
        onProgress: (at) => noteProgress(db, id, at),
      });
      if (result) await endBacktest(db, id, { result }, Date.now());
    } catch (error) {
      await endBacktest(db, id, { fault: sentenceOf(error) }, Date.now());
      throw error;
    }
  } finally {
    await history?.close();
    await close();
  }
}

setPriority(constants.priority.PRIORITY_LOW);
process.on('disconnect', () => process.exit(0));
await run(process.argv[2] ?? '').then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
