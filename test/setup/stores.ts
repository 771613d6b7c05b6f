/**
 * One private Redis, PostgreSQL and ClickHouse for all tests that need servers: the same code that `npm start` runs.
 * Tests keep apart by databases of their own (database.ts, history.ts) and a random Redis namespace. The engine of the
 * history is fetched once for this user and kept.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startHistory } from '../../apps/cli/src/stores/history.js';
import { startPostgres } from '../../apps/cli/src/stores/postgres.js';
import { startRedis } from '../../apps/cli/src/stores/redis.js';
import { engines } from './engines.js';

declare module 'vitest' {
  export interface ProvidedContext {
    redisUrl: string;
    databaseUrl: string;
    historyUrl: string;
    historyReaderUrl: string;
  }
}

type Stores = Pick<TestProject, 'provide'>;

/** Those that somebody started for many runs (scripts/mutate-admin.mjs), as JSON. */
const shared = process.env['PLIMSOLL_TEST_STORES'];

export default async function setup(project: Stores): Promise<() => Promise<void>> {
  if (shared !== undefined) {
    for (const [name, url] of Object.entries(JSON.parse(shared))) project.provide(name as 'redisUrl', url as string);
    return async () => {};
  }
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  const [redis, postgres, history] = await Promise.all([
    startRedis({ dir: join(folder, 'redis') }),
    startPostgres({ dir: join(folder, 'postgres') }),
    startHistory({ dir: join(folder, 'history'), engines }),
  ]);
  project.provide('redisUrl', redis.url);
  project.provide('databaseUrl', postgres.url);
  project.provide('historyUrl', history.url);
  project.provide('historyReaderUrl', history.readerUrl);
  return async () => {
    await Promise.all([redis.stop(), postgres.stop(), history.stop()]);
    await rm(folder, { recursive: true, force: true });
  };
}
