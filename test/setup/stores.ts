/**
 * One private Redis and one private PostgreSQL for all tests that need servers: the same code that `npm start` runs.
 * Tests keep apart by a database of their own (database.ts) and a random Redis namespace.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startPostgres } from '../../apps/cli/src/stores/postgres.js';
import { startRedis } from '../../apps/cli/src/stores/redis.js';

declare module 'vitest' {
  export interface ProvidedContext {
    redisUrl: string;
    databaseUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  const [redis, postgres] = await Promise.all([
    startRedis({ dir: join(folder, 'redis') }),
    startPostgres({ dir: join(folder, 'postgres') }),
  ]);
  project.provide('redisUrl', redis.url);
  project.provide('databaseUrl', postgres.url);
  return async () => {
    await Promise.all([redis.stop(), postgres.stop()]);
    await rm(folder, { recursive: true, force: true });
  };
}
