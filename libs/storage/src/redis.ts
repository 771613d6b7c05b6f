/** Connections to Redis, by what they are for. ioredis reconnects by itself, with a growing pause of at most 2 s. */
import { Redis } from 'ioredis';

export type { Redis } from 'ioredis';

export interface RedisOptions {
  /**
   * Commands fail after this many milliseconds, and at once while the connection is down. Without it they wait for Redis
   * to come back, as long as it takes: right for workers, wrong for who must answer somebody.
   */
  impatientMs?: number;
}

/** @param role shown by `CLIENT LIST`, after `plimsoll-`. */
export function openRedis(url: string, role: string, { impatientMs }: RedisOptions = {}): Redis {
  const redis = new Redis(url, {
    connectionName: `plimsoll-${role}`,
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(2_000, 50 * 2 ** Math.min(attempt, 6)),
    ...(impatientMs === undefined ? {} : { commandTimeout: impatientMs, enableOfflineQueue: false }),
  });
  redis.on('error', () => {}); // Said by the commands that fail or wait; without a listener it would end the process.
  return redis;
}
