/** What a shard without traffic leaves for others by the clock: sent without another batch, and once, whoever dies when. */
import 'reflect-metadata';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ContributionBatch } from '@plimsoll/detection';
import { loadKnowledge, type RequestQueue, schema } from '@plimsoll/storage';
import { like } from 'drizzle-orm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeLog } from '../../../test/setup/findings.js';
import { openStage, type Stage } from '../../../test/setup/worker-stage.js';
import { openWorker, type Worker } from './worker.js';

const main = resolve('apps/worker/dist/main.js');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
let stage: Stage;
let workers: Worker[];
let child: ChildProcess | undefined;

beforeEach(async () => {
  if (!existsSync(main)) throw new Error('apps/worker is not built: npm run build');
  stage = await openStage();
  workers = [];
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await Promise.all(workers.map((worker) => worker.close()));
  await stage.close();
});

async function start(context: Partial<ReturnType<Stage['context']>> = {}): Promise<void> {
  workers.push(await openWorker({ ...stage.context(), ...context }));
}
/** Ten requests of one actor, three minutes ago: their minute is over, and no shard has had a log since. */
const sendOld = (ts: number) =>
  stage.send(
    Array.from({ length: 10 }, (_, i) => makeLog({ id: `q${i}`, ts, actor: 'ada', authenticated: true, route: '/items' })),
  );
const settlings = () => stage.db.select().from(schema.batch).where(like(schema.batch.id, 's\\_%'));
/** Blocks of ten seconds that the population of the endpoint has learnt; undefined before there is one. */
async function learnt(): Promise<number | undefined> {
  const { populations } = await loadKnowledge(stage.redis, stage.env.PLIMSOLL_NAMESPACE);
  const known = populations.find(({ endpoint }) => endpoint.endsWith('/items'));
  const blocks = known?.statistics.find(({ windowSeconds }) => windowSeconds === 10)?.blocks;
  return blocks && Math.round(blocks); // They fade by the second.
}
const idle = () => stage.idle({ failed: 0 });
async function expireLeases(): Promise<void> {
  await stage.db.update(schema.shard).set({ leaseUntil: 1 });
  await stage.redis.del(`${stage.env.PLIMSOLL_NAMESPACE}:workers`);
}
/** Names of what the shards' snapshots hold. */
async function stored(): Promise<string[]> {
  const all = [0, 1].map((shard) => stage.redis.hkeys(`{${stage.env.PLIMSOLL_NAMESPACE}-${shard}}:baselines`));
  return (await Promise.all(all)).flat();
}

it('closed blocks and the last ten seconds go to their shards with no further batch', async () => {
  const ts = Math.floor(Date.now() / HOUR) * HOUR + 10_000; // Of longer blocks none ends in the next minutes.
  let clock = ts;
  await start({ now: () => clock });
  await sendOld(ts);
  await expect.poll(() => stage.counted()).toBe(10);
  await idle();
  expect(await learnt()).toBeUndefined();
  clock = ts + 3 * MINUTE;
  await expect.poll(learnt, { timeout: 10_000 }).toBe(1);
  await expect.poll(async () => (await stored()).some((key) => key.startsWith('c')), { timeout: 15_000 }).toBe(true);
  const before = (await settlings()).length;
  expect(before).toBeGreaterThan(0);
  clock = ts + 4 * MINUTE; // Nothing more to leave: a shard at rest commits nothing.
  await new Promise((wake) => setTimeout(wake, 5_000));
  expect(await settlings()).toHaveLength(before);
}, 60_000);

/** A worker in a process of its own, that can be killed. */
async function spawnWorker(): Promise<void> {
  const { host, password, port } = stage.redis.options;
  const { PLIMSOLL_SHARDS, PLIMSOLL_NAMESPACE } = stage.env;
  const env = { DATABASE_URL: stage.databaseUrl, REDIS_URL: `redis://:${password}@${host}:${port}`, PLIMSOLL_NAMESPACE };
  child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...env, PLIMSOLL_SHARDS: String(PLIMSOLL_SHARDS) },
  });
  await once(child, 'message');
}
/** kill -9, and another one takes the shards over. */
async function replace(killed: ChildProcess | undefined): Promise<void> {
  killed?.kill('SIGKILL');
  if (killed) await once(killed, 'exit');
  await expireLeases();
  await start();
  await expect.poll(() => workers[0]?.held(), { timeout: 15_000 }).toEqual([0, 1]);
  await new Promise((wake) => setTimeout(wake, 3_000)); // Its own settling comes each two seconds.
  await idle();
}

it('sent before a kill -9, it is not sent twice', async () => {
  await spawnWorker();
  await sendOld(Date.now() - 3 * MINUTE);
  await expect.poll(learnt, { timeout: 15_000, interval: 20 }).toBe(1);
  await replace(child);
  expect(await learnt()).toBe(1);
}, 60_000);

it('nor is what was left by what others had sent', async () => {
  // Of three sessions of a key that names nobody: the second one teaches what sessions are like.
  const sessions = [8 * HOUR, HOUR, 10 * MINUTE].flatMap((ago, session) =>
    Array.from({ length: 15 }, (_, i) =>
      makeLog({ id: `k${session}-${i}`, ts: Date.now() - ago + i * 16_000, credential: 'key-1', route: '/items' }),
    ),
  );
  const taught = async () => {
    const { populations } = await loadKnowledge(stage.redis, stage.env.PLIMSOLL_NAMESPACE);
    const known = populations.find(({ endpoint }) => endpoint === '* sessions');
    const blocks = known?.measures?.find(({ measure }) => measure === 'session-place')?.blocks;
    return blocks && Math.round(blocks);
  };
  await spawnWorker();
  await stage.send(sessions);
  await expect.poll(taught, { timeout: 15_000, interval: 20 }).toBe(1);
  await replace(child);
  expect(await taught()).toBe(1);
}, 60_000);

it('committed and not sent, it is sent by who takes the shard over', async () => {
  const own = stage.context();
  // Redis refuses this worker what it sends by the clock, and nothing else.
  const refused = async (batches: ContributionBatch[]) => {
    if (batches.some(({ batch }) => batch.startsWith('s_'))) throw new Error('OOM command not allowed');
    await own.queue.enqueueContributions(batches);
  };
  const queue = new Proxy(own.queue, {
    get: (target, name: keyof RequestQueue) => (name === 'enqueueContributions' ? refused : target[name]),
  });
  await start({ ...own, queue });
  await sendOld(Date.now() - 3 * MINUTE);
  await expect.poll(async () => (await settlings()).length, { timeout: 15_000 }).toBeGreaterThan(0);
  expect(await learnt()).toBeUndefined();
  await workers.pop()?.close();
  await start();
  await expect.poll(learnt, { timeout: 30_000 }).toBe(1);
  await idle();
  expect(await learnt()).toBe(1);
}, 60_000);
