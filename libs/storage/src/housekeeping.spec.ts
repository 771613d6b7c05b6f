/** What is too old goes, unless somebody still waits for it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/setup/database.js';
import { commitBatch } from './batches.js';
import { type Database, openDatabase } from './database.js';
import { openMark, setMark } from './history/marks.js';
import { discardOld } from './housekeeping.js';
import { ensureShards, type Lease, takeShards } from './leases.js';
import { batch } from './schema.js';

const NOW = 1_790_000_000_000;
const DAY = 86_400_000;
let database: ReturnType<typeof openDatabase>;
let db: Database;
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 4 });
  db = database.db;
});
afterAll(() => database.close());

it('keeps batches that the history has not, however old: their jobs are kept for it', async () => {
  await ensureShards(db, 2);
  const [first, second] = (await takeShards(db, 'me', 2, 2)) as [Lease, Lease];
  await openMark(db, first, 0);
  for (const lease of [first, second])
    for (let seq = 1; seq <= 6; seq += 1) {
      await commitBatch(db, lease, `b_${lease.shard}_${seq}`, [], { traffic: [], outcomes: [] }, NOW);
    }
  // Two are in, a chunk of two is being written, one is lost, and the last one is behind it. The other shard keeps no history.
  await setMark(db, first, { done: 2, pending: 4, lost: 5 });
  const ids = async () => (await db.select({ id: batch.id }).from(batch).orderBy(batch.id)).map(({ id }) => id);
  expect(await discardOld(db, NOW + DAY)).toMatchObject({ batches: 0 });
  expect(await discardOld(db, NOW + 3 * DAY)).toMatchObject({ batches: 9 });
  expect(await ids()).toEqual([3, 4, 6].map((seq) => `b_${first.shard}_${seq}`));
  await setMark(db, first, { done: 6, pending: 6, lost: 6 });
  expect([(await discardOld(db, NOW + 3 * DAY)).batches, await ids()]).toEqual([3, []]);
});
