/** Jobs that are kept for nobody: PostgreSQL has lost what they did, as after a restore of a backup of before. */
import 'reflect-metadata';
import { keepsJobsBefore, newId, ShardWorker } from '@plimsoll/storage';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeLog } from '../../../test/setup/findings.js';
import { openStage, type Stage } from '../../../test/setup/worker-stage.js';
import { openWorker } from './worker.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ shards: 1 });
});
afterAll(() => stage?.close());

it('are forgotten by who takes the shard over, and hold up no erasure', async () => {
  const { PLIMSOLL_NAMESPACE: namespace } = stage.env;
  const batch = newId('bat');
  await stage.send([makeLog({ id: 'one', ts: Date.now() })], batch);
  const { redis, log } = stage.context();
  const doing = await ShardWorker.open(redis, { namespace, shard: 0, work: async () => 'done', onDeadLetter: () => {} });
  doing.start();
  await expect.poll(() => doing.kept()).toHaveLength(1);
  await doing.close();
  const asked = () => keepsJobsBefore({ db: stage.db, redis: stage.redis, namespace }, 'era_one', 0);
  expect(await asked()).toBe(true);
  const told: unknown[] = [];
  log.warn = (facts: unknown) => void told.push(facts);
  const worker = await openWorker({ ...stage.context(), log });
  try {
    expect(await asked()).toBe(false);
    expect((await stage.jobs()).completed).toBe(0);
    expect(told).toContainEqual({ shard: 0, jobs: 1 });
  } finally {
    await worker.close();
  }
});
