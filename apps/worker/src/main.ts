/** The worker process: reads the environment, opens the stores, works on its shards, stops in order when told to. */
import type { Server } from 'node:http';
import 'reflect-metadata';
import { openDatabase, openHistory, openRedis, RequestQueue } from '@plimsoll/storage';
import { pino } from 'pino';
import type { Context } from './context.js';
import { readEnv } from './env.js';
import { serveHealth } from './health.js';
import { HistoryPool } from './history/pool.js';
import { openWorker, type Worker } from './worker.js';

const STOP_MS = 9_000;
const EXIT_BAD_ENVIRONMENT = 78;
const MIB = 1024 * 1024;

const parsed = readEnv(process.env);
if ('faults' in parsed) {
  process.stderr.write(parsed.faults.map((line) => `${line}\n`).join(''));
  process.exit(EXIT_BAD_ENVIRONMENT);
}
const { env } = parsed;
const log = pino({ name: 'worker', level: env.LOG_LEVEL });
const database = openDatabase(env.DATABASE_URL, { max: env.PLIMSOLL_SHARDS + 2 });
const redis = openRedis(env.REDIS_URL, 'worker');
const subscriber = openRedis(env.REDIS_URL, 'worker-subscriber');
const queue = new RequestQueue(redis, { namespace: env.PLIMSOLL_NAMESPACE, shards: env.PLIMSOLL_SHARDS });
const history = env.CLICKHOUSE_URL === undefined ? undefined : openHistory(env.CLICKHOUSE_URL, { max: env.PLIMSOLL_SHARDS + 2 });
const pool = history && new HistoryPool(history, env.PLIMSOLL_HISTORY_BUFFER * MIB, env.PLIMSOLL_HISTORY_DAYS);
const context: Context = { env, db: database.db, redis, subscriber, queue, history: pool, now: Date.now, log };

let worker: Worker | undefined;
let health: Server | undefined;
let stopping = false;
async function stop(reason: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  log.info({ reason }, 'stopping');
  if (worker === undefined) process.exit(0); // Still waiting for its stores: it holds nothing that others wait for.
  setTimeout(() => process.exit(0), STOP_MS).unref();
  health?.close();
  await worker.close();
  await queue.close();
  redis.disconnect();
  subscriber.disconnect();
  await history?.close();
  await database.close();
  process.exit(0);
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
// Started by `plimsoll up`: without the parent nobody would ever stop us.
if (process.send) process.on('disconnect', () => void stop('parent gone'));

/** Whatever escaped every handler: the state is unknown, so that a fresh process, which learns kept jobs again, is the safe one. */
function die(err: unknown): never {
  log.fatal({ err }, 'ended by a fault');
  process.exit(1);
}
process.on('uncaughtException', die);
process.on('unhandledRejection', die);

log.info({ shards: env.PLIMSOLL_SHARDS, namespace: env.PLIMSOLL_NAMESPACE, history: history !== undefined }, 'starting');
worker = await openWorker(context).catch((error) => {
  log.fatal({ err: error }, 'cannot start');
  process.exit(1);
});
if (env.HEALTH_PORT !== undefined) health = serveHealth({ host: env.HOST, port: env.HEALTH_PORT }, context);
log.info({ shards: worker.held() }, 'working');
process.send?.({ type: 'ready' });
