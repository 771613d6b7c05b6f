/** Jobs that are kept for nobody: PostgreSQL has lost what they did, as after a restore of a backup of before, or the history has. */
import 'reflect-metadata';
import {
  findBatch,
  historySchema,
  keepsJobsBefore,
  newId,
  openHistory,
  queueKey,
  requestsJobId,
  ShardWorker,
  schema,
} from '@plimsoll/storage';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeLog } from '../../../test/setup/findings.js';
import { openStage, type Stage } from '../../../test/setup/worker-stage.js';
import { HistoryPool } from './history/pool.js';
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

it('go where the history has them counted as lost, while the chunk before them still waits for it', async () => {
  const away = openHistory('http://127.0.0.1:1');
  const open = () => openWorker({ ...stage.context(), history: new HistoryPool(away, 1 << 20) });
  const completed = queueKey(stage.env.PLIMSOLL_NAMESPACE, 0, 'completed');
  const kept = () => stage.redis.zrange(completed, '0', '-1');
  const send = async (id: string) => {
    const batch = newId('bat');
    await stage.send([makeLog({ id, ts: Date.now() })], batch);
    const job = requestsJobId({ service: 'shop', batch, shard: 0, receivedAt: 0, requests: [] });
    await expect.poll(kept).toContain(job);
    return job;
  };
  try {
    const first = await open();
    const jobs = async () => ({ waits: await send('waits'), lost: await send('lost') });
    const { waits, lost } = await jobs().finally(() => first.close());
    expect(await kept()).toEqual(expect.arrayContaining([waits, lost]));
    const [shard] = await stage.db.select().from(schema.shard);
    const pendingSeq = (await findBatch(stage.db, waits))?.seq;
    // Killed before a snapshot let go of what the buffer could not hold.
    await stage.db.update(historySchema.historyMark).set({ pendingSeq, lostSeq: shard?.seq });
    await open().then((second) => second.close());
    expect([(await kept()).includes(waits), (await kept()).includes(lost)]).toEqual([true, false]);
  } finally {
    await away.close();
  }
});
