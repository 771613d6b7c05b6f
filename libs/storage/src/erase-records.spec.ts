/** What is under way while somebody is erased. What lies in the records is tried with all stores in test/security/erasure.spec.ts. */
import { DEFAULT_SETTINGS } from '@plimsoll/contracts';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/setup/database.js';
import { endBacktest, noteProgress } from './backtests.js';
import { type Database, openDatabase } from './database.js';
import { eraseRecords } from './erase-records.js';
import { backtest } from './schema-backtest.js';
import { createService } from './services.js';

const NOW = 1_790_000_000_000;
let database: ReturnType<typeof openDatabase>;
let db: Database;
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 4 });
  db = database.db;
  await createService(db, { id: 'shop' }, NOW);
});
afterAll(() => database.close());

it('brings nobody back by a backtest that was under way: it has failed, and what it ends with is not kept', async () => {
  const asked = { service: 'shop', patch: {}, settings: DEFAULT_SETTINGS, policy: 'block', warmUpDays: 1, createdBy: 'Ada' };
  const times = { fromAt: NOW - 2, toAt: NOW - 1, createdAt: NOW };
  await db.insert(backtest).values([
    { ...asked, ...times, id: 'under-way', state: 'running' },
    { ...asked, ...times, id: 'next', state: 'queued' },
  ]);
  const { erased } = await db.transaction((tx) => eraseRecords(tx, 'mallory', NOW));
  expect(erased).toContainEqual({ place: 'backtests under way', count: 1 });
  expect(await noteProgress(db, 'under-way', { share: 0.9, requests: 9, endsAt: NOW })).toBe(false);
  await endBacktest(db, 'under-way', { result: { named: 'mallory' } as never }, NOW + 1);
  const rows = await db.select().from(backtest).where(eq(backtest.service, 'shop')).orderBy(backtest.id);
  expect(rows).toMatchObject([
    { id: 'next', state: 'queued' },
    { id: 'under-way', state: 'failed', result: null, fault: expect.stringContaining('Run it again') },
  ]);
});
