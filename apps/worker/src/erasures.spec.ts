/** An erasure that does not come to its end says so. How it goes is tried with all stores in test/security/erasure.spec.ts. */
import 'reflect-metadata';
import { createErasure, openQueue, readErasure } from '@plimsoll/storage';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStage, type Stage } from '../../../test/setup/worker-stage.js';
import { openWorker } from './worker.js';

const HOUR = 3_600_000;
let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ shards: 1 });
});
afterAll(() => stage?.close());

it('is spoken of an hour after its order, and every hour again, while a shard does not come to it', async () => {
  let ahead = 0;
  const told: { erasure?: string; for?: string }[] = [];
  const context = stage.context();
  context.log.warn = (facts: object) => void told.push(facts);
  const queue = await openQueue(stage.redis, stage.env.PLIMSOLL_NAMESPACE, 0);
  const worker = await openWorker({ ...context, now: () => Date.now() + ahead });
  try {
    await queue.pause();
    const asked = { actor: 'mallory', pseudonym: 'user-1', by: 'Ada', reason: 'asked by the person' };
    const { id } = await createErasure(stage.db, asked, Date.now());
    const tellings = () => told.filter(({ erasure }) => erasure === id).map((facts) => facts.for);
    await expect.poll(() => queue.count()).toBe(1);
    expect(tellings()).toEqual([]);
    ahead = HOUR;
    await expect.poll(tellings).toEqual(['shards 0']);
    ahead = 2 * HOUR;
    await expect.poll(tellings).toEqual(['shards 0', 'shards 0']);
    await queue.resume();
    await expect.poll(async () => (await readErasure(stage.db, id))?.doneAt, { timeout: 30_000 }).toBeGreaterThan(0);
    expect(tellings()).toHaveLength(2);
  } finally {
    await worker.close();
    await queue.close();
  }
}, 60_000);
