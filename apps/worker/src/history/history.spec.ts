/** What was taken in is in the history once: through kills, through ClickHouse being away, and beyond the buffer it is counted. */
import 'reflect-metadata';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { resolve } from 'node:path';
import type { RequestLog } from '@plimsoll/contracts';
import { coverage, openHistory, schema, streamLogs } from '@plimsoll/storage';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeLog } from '../../../../test/setup/findings.js';
import { ENGINE_WITHIN_MS, type OwnHistory, ownHistory } from '../../../../test/setup/history.js';
import { listening } from '../../../../test/setup/listening.js';
import { openStage, type Stage } from '../../../../test/setup/worker-stage.js';
import { openWorker, type Worker } from '../worker.js';
import { HistoryPool } from './pool.js';

const main = resolve('apps/worker/dist/main.js');
let own: OwnHistory;
let stage: Stage;
let closers: (() => unknown)[];

beforeAll(async () => {
  if (!existsSync(main)) throw new Error('apps/worker is not built: npm run build');
  own = await ownHistory({ tables: false });
}, ENGINE_WITHIN_MS);
afterAll(() => own.drop());
beforeEach(async () => {
  stage = await openStage();
  closers = [];
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  await stage.close();
});

async function start(url: string, characters = 1 << 25): Promise<Worker> {
  const history = openHistory(url, { timeoutMs: 2_000 });
  const worker = await openWorker({ ...stage.context(), history: new HistoryPool(history, characters, 30, 500) });
  closers.push(
    () => history.close(),
    () => worker.close(),
  );
  return worker;
}

const some = (count: number, prefix: string): RequestLog[] =>
  Array.from({ length: count }, (_, i) =>
    makeLog({ id: `${prefix}-${i}`, ts: Date.now(), actor: `actor-${i % 13}`, authenticated: true, path: `/items/${i}` }),
  );

async function kept(): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const span = { from: Date.now() - 86_400_000, to: Date.now() + 60_000 };
  for await (const logs of streamLogs(own.history, { service: 'shop', ...span })) {
    for (const { log } of logs) counts.set(log.id, (counts.get(log.id) ?? 0) + 1);
  }
  return counts;
}

/** A way to ClickHouse that can be cut: what is asked meanwhile finds nobody. */
async function wayTo(url: string): Promise<{ url: string; cut(): Promise<void>; mend(): Promise<void> }> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;
  const mend = async () => {
    server = createServer((socket) => {
      const onward = connect(Number(target.port), target.hostname);
      for (const [one, other] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        sockets.add(one);
        one.on('error', () => {}).on('close', () => other.destroy());
        one.pipe(other);
      }
    });
    port = await listening(server, port);
  };
  const cut = async () => {
    server?.close();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  await mend();
  closers.push(cut);
  const through = new URL(url);
  through.port = String(port);
  return { url: through.href, cut, mend };
}

async function fork(): Promise<ChildProcess> {
  const { host, password, port } = stage.redis.options;
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      DATABASE_URL: stage.databaseUrl,
      REDIS_URL: `redis://:${password}@${host}:${port}`,
      CLICKHOUSE_URL: own.url,
      PLIMSOLL_SHARDS: String(stage.env.PLIMSOLL_SHARDS),
      PLIMSOLL_NAMESPACE: stage.env.PLIMSOLL_NAMESPACE,
    },
  });
  closers.push(() => child.kill('SIGKILL'));
  await once(child, 'message');
  return child;
}

describe('the history', () => {
  it('has each counted log once, with its endpoint, and lets its job go', async () => {
    await start(own.url);
    const logs = some(300, 'once');
    await stage.send(logs);
    await stage.send(logs.slice(0, 50), 'again'); // Counted before: skipped.
    await expect
      .poll(async () => [...(await kept()).keys()].filter((id) => id.startsWith('once')).length, { timeout: 20_000 })
      .toBe(300);
    expect([...(await kept()).values()].every((count) => count === 1)).toBe(true);
    await expect.poll(async () => (await stage.jobs()).completed, { timeout: 20_000 }).toBe(0);
    const answer = await coverage(own.history, stage.db, 'shop');
    expect(answer).toMatchObject({ state: 'on', reason: null, requests: 300, gaps: [] });
    expect(answer.bytes).toBeGreaterThan(0);
    const times = logs.map(({ ts }) => ts);
    expect([answer.oldest, answer.newest]).toEqual([Math.min(...times), Math.max(...times)]);
  });

  it('lacks and doubles nothing when its worker is killed under load', async () => {
    let child = await fork();
    const sent: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      for (let batch = 0; batch < 60; batch += 1) {
        const logs = some(50, `kill-${round}-${batch}`);
        await stage.send(logs);
        sent.push(...logs.map(({ id }) => id));
        await new Promise((done) => setTimeout(done, 30));
      }
      child.kill('SIGKILL');
      await once(child, 'exit');
      await stage.db.update(schema.shard).set({ leaseUntil: 1 });
      await stage.redis.del(`${stage.env.PLIMSOLL_NAMESPACE}:workers`);
      child = await fork();
    }
    const ours = async () => new Map([...(await kept())].filter(([id]) => id.startsWith('kill-')));
    await expect.poll(async () => (await ours()).size, { timeout: 40_000 }).toBe(sent.length);
    const found = await ours();
    expect(sent.filter((id) => found.get(id) !== 1)).toEqual([]);
    expect([...found.values()].filter((count) => count !== 1)).toEqual([]);
  }, 120_000);
});

describe('while ClickHouse is away', () => {
  it('detection goes on; what the buffer holds is caught up, the rest is a gap that says how much', async () => {
    const way = await wayTo(own.url);
    await start(way.url, 100_000);
    await stage.send(some(100, 'before'));
    await expect.poll(async () => (await kept()).has('before-99'), { timeout: 20_000 }).toBe(true);
    await way.cut();
    const began = Date.now();
    for (let batch = 0; batch < 60; batch += 1) await stage.send(some(50, `away-${batch}`));
    await expect.poll(() => stage.counted(), { timeout: 20_000 }).toBe(3_100);
    // Jobs of what was dropped do not wait for ClickHouse: Redis stays bounded too.
    await expect.poll(async () => (await stage.jobs()).completed, { timeout: 25_000 }).toBeLessThan(60);
    const gaps = async () => (await coverage(own.history, stage.db, 'shop')).gaps;
    const missing = async () => (await gaps()).reduce((sum, gap) => sum + gap.requests, 0);
    await expect.poll(missing, { timeout: 25_000 }).toBeGreaterThan(1_000);
    for (const gap of await gaps()) {
      expect(gap.from).toBeGreaterThanOrEqual(began - 1_000);
      expect(gap.to).toBeLessThanOrEqual(Date.now());
    }
    await way.mend();
    const caughtUp = async () => [...(await kept()).keys()].filter((id) => id.startsWith('away-')).length;
    // Each is kept or counted as missing.
    await expect.poll(async () => (await caughtUp()) + (await missing()), { timeout: 30_000 }).toBe(3_000);
    const lost = await missing();
    expect(lost).toBeLessThan(3_000);
    // The oldest give way. Which of the very last one shard drops while it cuts a chunk is a matter of moments.
    expect([...(await kept()).keys()].some((id) => /^away-5\d-/.test(id))).toBe(true);
    await stage.send(some(10, 'after'));
    await expect.poll(async () => (await kept()).has('after-9'), { timeout: 20_000 }).toBe(true);
    await expect.poll(async () => (await stage.jobs()).completed, { timeout: 20_000 }).toBe(0);
    expect(await missing()).toBe(lost);
    expect(await caughtUp()).toBe(3_000 - lost);
  }, 120_000);
});
