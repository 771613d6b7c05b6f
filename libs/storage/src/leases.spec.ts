import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { freshDatabase, randomNamespace } from '../../../test/setup/database.js';
import { type Database, openDatabase } from './database.js';
import { announceWorker, ensureShards, releaseShards, renewShards, retractWorker, takeShards } from './leases.js';
import { openRedis } from './redis.js';
import { shard } from './schema.js';

const SHARDS = 4;
const redis = openRedis(inject('redisUrl'), 'leases-spec');
let database: ReturnType<typeof openDatabase>;
let db: Database;
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 8 });
  db = database.db;
});
beforeEach(async () => {
  await db.delete(shard);
  await ensureShards(db, SHARDS);
});
afterAll(async () => {
  await database.close();
  redis.disconnect();
});

const ids = (leases: { shard: number }[]) => leases.map((lease) => lease.shard).sort();
const expire = (id: number) => db.update(shard).set({ leaseUntil: 1 }).where(eq(shard.id, id));

describe('leases', () => {
  it('give each shard to one of many workers that ask at the same time', async () => {
    const taken = await Promise.all(Array.from({ length: 6 }, (_, i) => takeShards(db, `w${i}`, SHARDS, 1)));
    expect(ids(taken.flat())).toEqual([0, 1, 2, 3]);
    expect(await takeShards(db, 'late', SHARDS, SHARDS)).toEqual([]);
  });

  it('leave shards beyond the configured number alone, and take no more than asked', async () => {
    expect(ids(await takeShards(db, 'a', 2, 10))).toEqual([0, 1]);
    expect(await takeShards(db, 'a', SHARDS, 0)).toEqual([]);
    expect(await takeShards(db, 'a', SHARDS, -1)).toEqual([]);
    expect(await takeShards(db, 'a', SHARDS, 1)).toHaveLength(1);
  });

  it('go to somebody else with a greater generation once they have run out; the earlier owner is told at its renewal', async () => {
    const [first] = await takeShards(db, 'a', 1, 1);
    await expire(0);
    const [second] = await takeShards(db, 'b', 1, 1);
    expect(second?.generation).toBeGreaterThan(first?.generation ?? 0);
    expect(await renewShards(db, [first!])).toEqual([]);
    expect(await renewShards(db, [second!])).toEqual([0]);
    await releaseShards(db, [first!]);
    expect(await takeShards(db, 'c', 1, 1)).toEqual([]);
  });

  it('that ran out and that nobody took are kept by renewal: a database that was away costs nothing', async () => {
    const [lease] = await takeShards(db, 'a', 1, 1);
    await expire(0);
    expect(await renewShards(db, [lease!])).toEqual([0]);
    expect(await takeShards(db, 'b', 1, 1)).toEqual([]);
  });

  it('are free at once when given back', async () => {
    const leases = await takeShards(db, 'a', SHARDS, SHARDS);
    await releaseShards(db, leases);
    expect(ids(await takeShards(db, 'b', SHARDS, SHARDS))).toEqual([0, 1, 2, 3]);
  });
});

describe('even parts', () => {
  it.each([
    [4, 1, [4]],
    [4, 2, [2, 2]],
    [4, 3, [1, 1, 2]],
    [2, 3, [0, 1, 1]],
    [16, 5, [3, 3, 3, 3, 4]],
  ])('of %i shards for %i workers', async (count, workers, parts) => {
    const namespace = randomNamespace();
    const names = Array.from({ length: workers }, (_, i) => `worker-${i}`);
    for (const name of names) await announceWorker(redis, namespace, name, count);
    const found = await Promise.all(names.map((name) => announceWorker(redis, namespace, name, count)));
    expect(found.sort()).toEqual(parts);
  });

  it('grow when a worker goes, and when one is not heard of any more', async () => {
    const namespace = randomNamespace();
    for (const name of ['a', 'b', 'c']) await announceWorker(redis, namespace, name, 6);
    expect(await announceWorker(redis, namespace, 'a', 6)).toBe(2);
    await retractWorker(redis, namespace, 'b');
    expect(await announceWorker(redis, namespace, 'a', 6)).toBe(3);
    await redis.zadd(`${namespace}:workers`, 1, 'c');
    expect(await announceWorker(redis, namespace, 'a', 6)).toBe(6);
  });
});
