/** What is kept of before an erasure, by the shard's own order: with real jobs, and clocks that say otherwise. */
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { freshDatabase, randomNamespace } from '../../../test/setup/database.js';
import { commitBatch } from './batches.js';
import { type Database, openDatabase } from './database.js';
import { keepsJobsBefore } from './erase-jobs.js';
import { ROUNDS } from './erasures.js';
import { ensureShards, type Lease, takeShards } from './leases.js';
import { erasureJobId, openQueue, requestsJobId } from './queue.js';
import { openRedis } from './redis.js';
import { batch } from './schema.js';
import { ShardWorker } from './shard-worker.js';

const NOW = 1_790_000_000_000;
const SHARD = 0;
const ERASURE = 'era_one';
const namespace = randomNamespace();
const redis = openRedis(inject('redisUrl'), 'erase-jobs-spec');
let database: ReturnType<typeof openDatabase>;
let db: Database;
let lease: Lease;
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 4 });
  db = database.db;
  await ensureShards(db, 1);
  [lease] = (await takeShards(db, 'me', 1, 1)) as [Lease];
});
afterAll(async () => {
  await database?.close();
  redis.disconnect();
});

const keeps = () => keepsJobsBefore({ db, redis, namespace }, ERASURE, SHARD);
const requests = (id: string) => ({ service: 'shop', batch: id, shard: SHARD, receivedAt: NOW, requests: [] });
const early = requestsJobId(requests('early'));
const late = requestsJobId(requests('late'));
const order = { erasure: ERASURE, round: ROUNDS, shard: SHARD, receivedAt: NOW };

it('is what has a number before the shard’s part of the last round, whenever it was made; what is not yet noted waits', async () => {
  const queue = await openQueue(redis, namespace, SHARD);
  const worker = await ShardWorker.open(redis.duplicate({ maxRetriesPerRequest: null }), {
    ...{ namespace, shard: SHARD, onDeadLetter: () => {} },
    work: async ({ id, name }) => {
      // That it is through is said before its batch is committed.
      if (name === 'erasures') expect(await keeps()).toBe(true);
      await commitBatch(db, lease, id, [], { traffic: [], outcomes: [] }, NOW);
      return 'done';
    },
  });
  const options = { removeOnComplete: false, removeOnFail: false };
  expect(await keeps()).toBe(false);
  // By the clock of who sent them the early one came after the order, and the late one long before it.
  await queue.add('requests', requests('early'), { ...options, jobId: early, timestamp: Date.now() + 60_000 });
  await queue.add('erasures', order, { ...options, jobId: erasureJobId(order) });
  await queue.add('requests', requests('late'), { ...options, jobId: late, timestamp: 1_000 });
  worker.start();
  await expect.poll(() => db.$count(batch), { timeout: 15_000 }).toBe(3);
  await expect.poll(async () => (await worker.kept()).length, { timeout: 15_000 }).toBe(3);
  expect(await keeps()).toBe(true);
  await worker.forget([early]);
  expect([await keeps(), (await worker.kept()).includes(late)]).toEqual([false, true]);
  // Batches are forgotten after two days; a job of such a one is older than all others.
  await db.delete(batch);
  await worker.forget([erasureJobId(order)]);
  expect(await keeps()).toBe(true);
  await worker.close();
  await queue.close();
});
