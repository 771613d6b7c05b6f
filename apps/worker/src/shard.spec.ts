/** The clock of the events, by which blocks close and findings end: never ahead of what the shard has yet to hear of. And snapshots. */
import { claimBaselines, openRedis } from '@plimsoll/storage';
import { expect, inject, it, onTestFinished } from 'vitest';
import { randomNamespace } from '../../../test/setup/database.js';
import { Shard } from './shard.js';

const NOW = 1_790_000_000_000;
const MINUTE = 60_000;

function shardAt(now: number | (() => number)): Shard {
  return new Shard({ shard: 0, generation: 1 } as never, typeof now === 'number' ? () => now : now, () => {});
}

it('is now in a shard that has nothing to do', () => {
  expect(shardAt(NOW).clock(NOW)).toBe(NOW);
  const shard = shardAt(NOW);
  shard.heard(NOW - 13 * MINUTE);
  shard.committed(1, 'job', NOW - 20);
  expect(shard.clock(NOW + 1_000)).toBe(NOW + 1_000);
});

it('is that of the newest log while a sender catches up, however soon its batches come', () => {
  const shard = shardAt(NOW);
  shard.heard(NOW - 13 * MINUTE);
  shard.committed(1, 'job', NOW - 20);
  expect(shard.clock(NOW + 500)).toBe(NOW - 13 * MINUTE);
  shard.heard(NOW - 12 * MINUTE);
  shard.heard(NOW - 14 * MINUTE); // Another one is further behind.
  shard.committed(2, 'next', NOW - 10);
  expect(shard.clock(NOW + 500)).toBe(NOW - 12 * MINUTE);
});

it('is when the last job was received while the worker is behind', () => {
  const shard = shardAt(NOW);
  shard.heard(NOW);
  shard.committed(1, 'job', NOW - 5 * MINUTE);
  expect(shard.clock(NOW + 500)).toBe(NOW - 5 * MINUTE);
  const told = shardAt(NOW); // Of nothing that has a time: a verdict.
  told.committed(1, 'job', NOW - MINUTE);
  expect(told.clock(NOW + 500)).toBe(NOW - MINUTE);
});

it('is neither moved nor held by an import, which tells of nothing live', () => {
  let now = NOW;
  const shard = shardAt(() => now);
  shard.heard(NOW - 13 * MINUTE);
  shard.committed(1, 'live', NOW - 20);
  shard.heard(0);
  shard.committed(2, 'import', NOW - 10);
  expect(shard.clock(now + 500)).toBe(NOW - 13 * MINUTE);
  now += 90 * MINUTE; // Live traffic has stopped since.
  shard.heard(0);
  shard.committed(3, 'import', now - 10);
  expect(shard.clock(now + 500)).toBe(now - 10);
  shard.heard(now - MINUTE);
  now += 3_000; // The stores took their time.
  shard.committed(4, 'live', now - 3_010);
  expect(shard.clock(now + 500)).toBe(now - 3_000 - MINUTE);
});

it('has a snapshot ask again for what could not be let go of, and once for what could', async () => {
  const redis = openRedis(inject('redisUrl'), 'shard-spec');
  onTestFinished(() => redis.disconnect());
  const namespace = randomNamespace();
  const shard = shardAt(NOW);
  await claimBaselines(redis, namespace, shard.lease);
  const asked: (readonly string[])[] = [];
  const forget = async (ids: readonly string[]) => void asked.push(ids);
  const refuse = async (ids: readonly string[]) => {
    await forget(ids);
    throw new Error('Redis is away');
  };
  shard.committed(1, 'one', NOW);
  await expect(shard.snapshot(redis, namespace, refuse)).rejects.toThrow('Redis is away');
  shard.committed(2, 'two', NOW);
  for (let time = 0; time < 2; time += 1) await shard.snapshot(redis, namespace, forget);
  expect(asked).toEqual([['one'], ['one', 'two'], []]);
});
