/** Backtests as the worker process runs them: from the queue, in a process of their own, cancelled by their row. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type RequestLog, settingsSchema } from '@plimsoll/contracts';
import { BacktestQueue, cancelBacktest, copyBaselines, createBacktest, readBacktest } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { makeLog } from '../../../../test/setup/findings.js';
import { ENGINE_WITHIN_MS, keepLogs, type OwnHistory, ownHistory } from '../../../../test/setup/history.js';
import { openStage, type Stage } from '../../../../test/setup/worker-stage.js';

const main = resolve('apps/worker/dist/main.js');
const start = Date.now() - 6 * 3_600_000;
let stage: Stage;
let kept: OwnHistory;
let worker: ChildProcess;
let queue: BacktestQueue;

/** An hour of ten calm users; then one of them asks 40 times a second for ten seconds. */
function story(): RequestLog[] {
  const logs: RequestLog[] = [];
  const add = (seconds: number, user: number) =>
    logs.push(
      makeLog({
        id: `log-${logs.length}`,
        ts: start + Math.round(seconds * 1000),
        path: '/products',
        actor: `user-${user}`,
        ip: `203.0.113.${user}`,
      }),
    );
  for (let second = 0; second < 5400; second += 6) add(second, (second / 6) % 10);
  for (let n = 0; n < 400; n += 1) add(4000 + n / 40, 3);
  return logs.sort((a, b) => a.ts - b.ts);
}

beforeAll(async () => {
  if (!existsSync(main)) throw new Error('apps/worker is not built: npm run build');
  stage = await openStage();
  kept = await ownHistory();
  await keepLogs(kept.history, 'shop', story());
  queue = new BacktestQueue(stage.redis, stage.env.PLIMSOLL_NAMESPACE);
  const env = {
    ...process.env,
    DATABASE_URL: stage.databaseUrl,
    REDIS_URL: inject('redisUrl'),
    CLICKHOUSE_URL: kept.url,
    PLIMSOLL_NAMESPACE: stage.env.PLIMSOLL_NAMESPACE,
    PLIMSOLL_SHARDS: '2',
  };
  worker = spawn(process.execPath, [main], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], env });
}, ENGINE_WITHIN_MS);
afterAll(async () => {
  worker?.kill('SIGKILL');
  await queue?.close();
  await kept?.drop();
  await stage?.close();
});

async function ask(changed: object, times: { from?: number; to?: number } = {}): Promise<string> {
  const draft = {
    service: 'shop',
    from: start + 3_600_000,
    to: start + 5_400_000,
    patch: changed,
    settings: settingsSchema.parse(changed),
    policy: 'block' as const,
    warmUpDays: 1,
    by: 'Eve',
    ...times,
  };
  const made = await stage.db.transaction((tx) => createBacktest(tx, draft, Date.now()));
  return made.type === 'created' ? made.backtest.id : '';
}
const childrenOf = (parent: number | undefined): number[] =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid = 0, of]) => (of === parent ? [pid] : []));
const ended = (id: string) =>
  expect.poll(async () => (await readBacktest(stage.db, id))?.backtest.state, { timeout: 60_000, interval: 200 });

describe('a backtest', { timeout: 120_000 }, () => {
  it('runs in its turn, warms up on the history, and says what would come', async () => {
    const id = await ask({});
    await queue.add([id]);
    await ended(id).toBe('done');
    const { result, backtest } = (await readBacktest(stage.db, id))!;
    expect(backtest).toMatchObject({ progress: { share: 1 }, fault: null });
    expect(result).toMatchObject({
      warmUp: { from: 'history', at: start, requests: 600 },
      missing: 0,
      requests: 700,
      refused: { live: 0 },
    });
    expect(result?.alerts.come.items).toMatchObject([{ kind: 'rate', subject: { id: 'user-3' }, verdict: null }]);
    const decided = result?.decisions.come.items.map(({ action, subject }) => `${action} ${subject.id}`);
    expect(decided).toContain('block user-3');
    expect(result?.refused.backtest).toBeGreaterThan(200);
  });

  it('finds nothing where the settings look for nothing', async () => {
    const id = await ask({ kinds: { rate: 'off' } });
    await queue.add([id]);
    await ended(id).toBe('done');
    expect((await readBacktest(stage.db, id))?.result?.alerts).toMatchObject({ come: { total: 0 }, go: { total: 0 }, stay: 0 });
  });

  it('begins at a dated copy of what was learnt', async () => {
    const at = start + 3_000_000;
    await copyBaselines(stage.db, stage.redis, { namespace: stage.env.PLIMSOLL_NAMESPACE, shards: 2, now: at });
    const id = await ask({});
    await queue.add([id]);
    await ended(id).toBe('done');
    expect((await readBacktest(stage.db, id))?.result?.warmUp).toMatchObject({ from: 'snapshot', at, requests: 100 });
  });

  it('says why it failed where the history has nothing of that time', async () => {
    const id = await ask({}, { from: 1000, to: 2000 });
    await queue.add([id]);
    await ended(id).toBe('failed');
    expect((await readBacktest(stage.db, id))?.backtest.fault).toBe('The history has no requests of this service in that time.');
  });

  it('says that it failed where its process is killed, and the next one runs', async () => {
    const [id, next] = [await ask({}), await ask({ kinds: { rate: 'off' } })];
    // That of the one before says that it is over a moment before it is.
    await expect.poll(() => childrenOf(worker.pid), { timeout: 20_000, interval: 50 }).toEqual([]);
    await queue.add([id]);
    // A process takes far longer to begin than it takes to be seen.
    await expect.poll(() => childrenOf(worker.pid), { timeout: 20_000, interval: 5 }).toHaveLength(1);
    for (const child of childrenOf(worker.pid)) process.kill(child, 'SIGKILL');
    await ended(id).toBe('failed');
    expect((await readBacktest(stage.db, id))?.backtest.fault).toBe('It took too much memory or time.');
    await queue.add([next]);
    await ended(next).toBe('done');
  });

  it('does not begin once it is cancelled', async () => {
    const id = await ask({});
    await stage.db.transaction((tx) => cancelBacktest(tx, id, Date.now()));
    const next = await ask({});
    await queue.add([id, next]);
    await ended(next).toBe('done');
    expect(await readBacktest(stage.db, id)).toMatchObject({ backtest: { state: 'cancelled', startedAt: null }, result: null });
  });
});
