/** What every part of the process needs from outside: stores, clock, log, environment. Made once, in main.ts or a test. */
import type { Database, Redis, RequestQueue } from '@plimsoll/storage';
import type { Logger } from 'pino';
import type { Env } from './env.js';
import type { HistoryPool } from './history/pool.js';

export interface Context {
  env: Pick<Env, 'PLIMSOLL_SHARDS' | 'PLIMSOLL_NAMESPACE'>;
  db: Database;
  redis: Redis;
  /** A connection that only subscribes. */
  subscriber: Redis;
  /** For stage two: the shards that this worker does not hold. */
  queue: RequestQueue;
  /** Where every request log is kept; absent where none is. */
  history?: HistoryPool | undefined;
  /** Milliseconds since the epoch. */
  now: () => number;
  log: Logger;
}

export const CONTEXT = Symbol('context');
