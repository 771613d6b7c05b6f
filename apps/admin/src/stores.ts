/** The stores of the process, opened within the bounds that docs/operations.md (Connections) names, and closed in order: by main.ts and by the tests alike. */
import { openDatabase, openHistory, openRedis } from '@plimsoll/storage';
import type { Context } from './context.js';
import type { Env } from './env.js';

export interface StoreLimits {
  /** To PostgreSQL. */
  connections: number;
  /** Less than an answer may take (app.ts): nothing goes on in the database for somebody who was told that it was given up. */
  statementMs: number;
  /** Of a command of Redis. */
  commandMs: number;
}
export const STORE_LIMITS: StoreLimits = { connections: 10, statementMs: 15_000, commandMs: 1_000 };

export interface Stores extends Pick<Context, 'db' | 'redis' | 'subscriber' | 'history'> {
  close(): Promise<void>;
}

/** @param limits other ones, for tests. Connections are made when they are needed: a store that is away is told of by what asks it. */
export function openStores(env: Env, limits: Partial<StoreLimits> = {}): Stores {
  const { connections, statementMs, commandMs } = { ...STORE_LIMITS, ...limits };
  const database = openDatabase(env.DATABASE_URL, { max: connections, statementMs });
  const redis = openRedis(env.REDIS_URL, 'admin', { impatientMs: commandMs });
  const subscriber = openRedis(env.REDIS_URL, 'admin-live');
  const history = env.CLICKHOUSE_URL === undefined ? undefined : openHistory(env.CLICKHOUSE_URL);
  const close = async () => {
    redis.disconnect();
    subscriber.disconnect();
    await history?.close();
    await database.close();
  };
  return { db: database.db, redis, subscriber, history, close };
}
