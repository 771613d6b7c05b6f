/** Shards change hands: by death, by sleep, by share, by order. No log is lost or counted twice, and nothing learnt is lost. */
import 'reflect-metadata';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { schema } from '@plimsoll/storage';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeLog } from '../../../test/setup/findings.js';
import { openStage, type Stage } from '../../../test/setup/worker-stage.js';
import { openWorker, type Worker } from './worker.js';

const main = resolve('apps/worker/dist/main.js');
let stage: Stage;
let workers: Worker[];
let children: ChildProcess[];

beforeAll(() => {
  if (!existsSync(main)) throw new Error('apps/worker is not built: npm run build');
});
beforeEach(async () => {
  stage = await openStage();
  workers = [];
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(workers.map((worker) => worker.close()));
  await stage.close();
});

async function start(): Promise<Worker> {
  const worker = await openWorker(stage.context());
  workers.push(worker);
  return worker;
}

/** The worker as a process of its own, so that it can be killed. */
async function fork(): Promise<ChildProcess> {
  const { PLIMSOLL_SHARDS, PLIMSOLL_NAMESPACE } = stage.env;
  const { host, password, port } = stage.redis.options;
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      DATABASE_URL: stage.databaseUrl,
      REDIS_URL: `redis://:${password}@${host}:${port}`,
      PLIMSOLL_SHARDS: String(PLIMSOLL_SHARDS),
      PLIMSOLL_NAMESPACE,
    },
  });
  children.push(child);
  await once(child, 'message');
  return child;
}
async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}
/** Whoever held the shards is dead: its leases would run out in ten seconds, and so would the belief that it lives. */
async function expireLeases(): Promise<void> {
  await stage.db.update(schema.shard).set({ leaseUntil: 1 });
  await stage.redis.del(`${stage.env.PLIMSOLL_NAMESPACE}:workers`);
}

const some = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, i) =>
    makeLog({ id: `${prefix}-${i}`, ts: Date.now(), actor: `actor-${i % 13}`, authenticated: true }),
  );

describe('kill -9', () => {
  it('under load, again and again: every log is counted exactly once', async () => {
    let sent = 0;
    let sending = true;
    const load = (async () => {
      for (let batch = 0; sending; batch += 1) {
        await stage.send(some(100, `b${batch}`));
        sent += 100;
        await new Promise((resolve) => setTimeout(resolve, 15));
      }
    })();
    for (let round = 0; round < 4; round += 1) {
      const child = await fork();
      await new Promise((resolve) => setTimeout(resolve, 300 + round * 130));
      await kill(child);
      await expireLeases();
    }
    sending = false;
    await load;
    await start();
    await expect.poll(() => stage.counted(), { timeout: 80_000 }).toBe(sent);
    await stage.idle({ failed: 0 });
    expect(await stage.counted()).toBe(sent);
  }, 120_000);

  it('loses nothing that was learnt: the successor goes on counting where the dead one stopped', async () => {
    const ts = Date.now();
    const burst = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) =>
        makeLog({ id: `l${from + i}`, ts, actor: 'ada', authenticated: true, route: '/items' }),
      );
    const child = await fork();
    await stage.send(burst(0, 30));
    await expect.poll(() => stage.counted()).toBe(30);
    await kill(child); // Long before a snapshot.
    await expireLeases();
    expect(await stage.db.select().from(schema.alert)).toEqual([]);
    await start();
    await stage.send(burst(30, 60));
    await expect.poll(() => stage.counted()).toBe(60);
    const [alert] = await stage.db.select().from(schema.alert);
    expect(alert).toMatchObject({ kind: 'rate', subjectId: 'ada' });
    expect(alert?.observed).toBeGreaterThan(30); // The thirty that the dead worker had learnt are in it.
  });
});

describe('a worker that slept through its lease', () => {
  it('commits nothing more, and loses no batch', async () => {
    await start();
    await start();
    const client = await stage.db.$client.connect();
    await client.query('begin');
    await client.query('select 1 from shard for update'); // Holds commits up until the shards have changed hands.
    await stage.send(some(40, 'held'));
    await expect.poll(async () => (await stage.jobs()).active).toBe(2);
    await client.query("update shard set owner = 'other', generation = generation + 1, lease_until = 0");
    await client.query('commit');
    client.release();
    await stage.send(some(40, 'after'));
    await expect.poll(() => stage.counted(), { timeout: 20_000 }).toBe(80);
    await stage.idle({ failed: 0 });
  });
});

describe('several workers', () => {
  it('share the shards evenly, and take them over from one that stops', async () => {
    const first = await start();
    expect(first.held()).toEqual([0, 1]);
    const second = await start();
    await expect.poll(() => [...first.held(), ...second.held()].sort(), { timeout: 15_000 }).toEqual([0, 1]);
    await expect.poll(() => [first.held().length, second.held().length], { timeout: 15_000 }).toEqual([1, 1]);
    await stage.send(some(60, 'shared'));
    await expect.poll(() => stage.counted()).toBe(60);
    await first.close();
    await expect.poll(() => second.held(), { timeout: 15_000 }).toEqual([0, 1]);
    await stage.send(some(60, 'alone'));
    await expect.poll(() => stage.counted()).toBe(120);
    workers = [second];
  });

  it('leave a snapshot behind when they stop, and no job that is in it', async () => {
    const worker = await start();
    await stage.send(some(60, 'kept'));
    await expect.poll(() => stage.counted()).toBe(60);
    await worker.close();
    workers = [];
    expect(await stage.jobs()).toEqual({ wait: 0, active: 0, completed: 0, failed: 0 });
    const sizes = await Promise.all(
      [0, 1].map((shard) => stage.redis.hlen(`{${stage.env.PLIMSOLL_NAMESPACE}-${shard}}:baselines`)),
    );
    expect(Math.min(...sizes)).toBeGreaterThan(1);
  });
});
