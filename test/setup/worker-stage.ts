/** Stores of a test's own with what stands before and behind the worker: batches go in as ingestion puts them, and are counted. */
import type { LiveMessage, PolicyMode, RequestBatch, RequestLog } from '@plimsoll/contracts';
import {
  createService,
  type Database,
  newId,
  openDatabase,
  openQueue,
  openRedis,
  type Redis,
  RequestQueue,
  schema,
  shardOf,
  sourceOf,
  subscribeFeed,
  subscribeLive,
} from '@plimsoll/storage';
import { type Logger, pino } from 'pino';
import { expect, inject } from 'vitest';
import { freshDatabase, randomNamespace } from './database.js';

export interface Stage {
  env: { PLIMSOLL_SHARDS: number; PLIMSOLL_NAMESPACE: string };
  databaseUrl: string;
  db: Database;
  redis: Redis;
  queue: RequestQueue;
  /** Everything told on the live channel so far, and each announced feed version. */
  told: LiveMessage[];
  feed: number[];
  /** What a worker in this process is made of; each call opens connections of its own. */
  context(url?: string): WorkerContext;
  /** Puts one batch into the queue as ingestion does: a job a shard. */
  send(requests: RequestLog[], batch?: string, service?: string): Promise<void>;
  /** Requests in the roll-ups. */
  counted(service?: string): Promise<number>;
  /** Jobs over all shards. Where there is none under way it has looked twice: what one leaves for another may pass between two looks. */
  jobs(): Promise<Jobs>;
  /** Until nothing is under way. */
  idle(and?: Partial<Jobs>): Promise<void>;
  close(): Promise<void>;
}
interface Jobs {
  wait: number;
  active: number;
  completed: number;
  failed: number;
}
interface WorkerContext {
  env: Stage['env'];
  db: Database;
  redis: Redis;
  subscriber: Redis;
  queue: RequestQueue;
  now: () => number;
  log: Logger;
}

export async function openStage({
  shards = 2,
  policy = 'throttle',
  dryRun = false,
}: {
  shards?: number;
  policy?: PolicyMode;
  dryRun?: boolean;
} = {}): Promise<Stage> {
  const closers: (() => unknown)[] = [];
  const databaseUrl = await freshDatabase();
  const env = { PLIMSOLL_SHARDS: shards, PLIMSOLL_NAMESPACE: randomNamespace() };
  const database = (url: string) => {
    const opened = openDatabase(url, { max: shards + 3 });
    closers.push(opened.close);
    return opened.db;
  };
  const connection = (role: string) => {
    const opened = openRedis(inject('redisUrl'), role);
    closers.push(() => opened.disconnect());
    return opened;
  };
  const queueOn = (redis: Redis) => {
    const opened = new RequestQueue(redis, { namespace: env.PLIMSOLL_NAMESPACE, shards });
    closers.push(() => opened.close());
    return opened;
  };
  const db = database(databaseUrl);
  const redis = connection('stage');
  const queue = queueOn(redis);
  const listener = connection('stage-listener');
  const told: LiveMessage[] = [];
  const feed: number[] = [];
  await subscribeLive(listener, env.PLIMSOLL_NAMESPACE, (message) => told.push(message));
  await subscribeFeed(listener, env.PLIMSOLL_NAMESPACE, ({ version }) => feed.push(version));
  await createService(db, { id: 'shop', policy, dryRun }, Date.now());
  const look = async () => {
    const sum: Jobs = { wait: 0, active: 0, completed: 0, failed: 0 };
    for (let shard = 0; shard < shards; shard += 1) {
      const reader = await openQueue(redis, env.PLIMSOLL_NAMESPACE, shard);
      const counts = await reader.getJobCounts('wait', 'active', 'completed', 'failed');
      await reader.close();
      for (const key of Object.keys(sum) as (keyof Jobs)[]) sum[key] += counts[key] ?? 0;
    }
    return sum;
  };
  const jobs = async () => {
    const first = await look();
    // A job is over when what it leaves is in the queue: what was missed between two shards is found now, or done.
    return first.wait + first.active > 0 ? first : look();
  };
  return {
    env,
    databaseUrl,
    db,
    redis,
    queue,
    told,
    feed,
    context: (url = databaseUrl) => {
      const own = connection('stage-worker');
      const log = pino({ level: process.env['WORKER_LOG'] ?? 'silent' });
      return {
        env,
        db: database(url),
        redis: own,
        subscriber: connection('stage-subscriber'),
        queue: queueOn(own),
        now: Date.now,
        log,
      };
    },
    send: async (requests, batch = `batch-${newId('b')}`, service = 'shop') => {
      const parts = new Map<number, RequestLog[]>();
      for (const log of requests) {
        const shard = shardOf(service, sourceOf(log), shards);
        parts.set(shard, [...(parts.get(shard) ?? []), log]);
      }
      const jobs = [...parts].map(
        ([shard, part]): RequestBatch => ({ service, batch, shard, receivedAt: Date.now(), requests: part }),
      );
      await queue.enqueue(jobs);
    },
    counted: async (service = 'shop') => {
      const rows = await db.select().from(schema.trafficMinute);
      return rows.filter((row) => row.service === service).reduce((sum, row) => sum + row.requests, 0);
    },
    jobs,
    idle: (and = {}) => expect.poll(jobs, { timeout: 20_000 }).toMatchObject({ wait: 0, active: 0, ...and }),
    close: async () => {
      for (const close of closers.reverse()) await close();
    },
  };
}
