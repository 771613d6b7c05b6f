import { type BacktestResult, DEFAULT_SETTINGS } from '@plimsoll/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { freshDatabase, randomNamespace } from '../../../test/setup/database.js';
import { insertAlert, insertService, T0 } from '../../../test/setup/records.js';
import { resolveAlert } from './alert-triage.js';
import { BacktestQueue, workOnBacktests } from './backtest-queue.js';
import {
  cancelBacktest,
  createBacktest,
  discardBacktests,
  endBacktest,
  listBacktests,
  MOST_STARTS,
  MOST_WAITING,
  MOST_WAITING_EACH,
  noteProgress,
  readBacktest,
  startBacktest,
  waitingBacktests,
} from './backtests.js';
import { copyBaselines, findCopy, readCopy } from './baseline-copies.js';
import { saveBaselines } from './baselines.js';
import { type Database, openDatabase } from './database.js';
import { createDecision } from './decisions.js';
import { savePopulations } from './knowledge.js';
import { readLiveRun } from './live-run.js';
import { openRedis } from './redis.js';
import { backtest } from './schema-backtest.js';

let database: ReturnType<typeof openDatabase>;
let db: Database;
const redis = openRedis(inject('redisUrl'), 'backtests-spec');
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 4 });
  db = database.db;
  await insertService(db);
  await insertService(db, 'bank');
});
afterAll(async () => {
  redis.disconnect();
  await database.close();
});

const DAY = 86_400_000;
const draft = {
  service: 'shop',
  from: T0 - DAY,
  to: T0,
  patch: { sensitivity: 3 },
  policy: 'block' as const,
  warmUpDays: 7,
  by: 'Eve',
};
async function ask(now: number, service = 'shop', by = 'Eve') {
  const settings = { ...DEFAULT_SETTINGS, sensitivity: 3 };
  const made = await db.transaction((tx) => createBacktest(tx, { ...draft, service, by, settings }, now));
  return made.type === 'created' ? made.backtest : undefined;
}
const cancel = (id: string) => db.transaction((tx) => cancelBacktest(tx, id, T0 + 9));
const stateOf = async (id: string) => (await readBacktest(db, id))?.backtest.state;
const result = { requests: 5 } as BacktestResult;

describe('backtests', () => {
  it('wait, run, and end with a result or a fault, told by their rows alone', async () => {
    const first = (await ask(T0))!;
    const second = (await ask(T0 + 1, 'bank'))!;
    expect(first).toMatchObject({ state: 'queued', settings: { sensitivity: 3 }, createdBy: 'Eve', progress: { share: 0 } });
    expect(await waitingBacktests(db)).toEqual([first.id, second.id]);
    expect(await noteProgress(db, first.id, { share: 0.1, requests: 1, endsAt: null })).toBe(false);
    expect(await startBacktest(db, first.id, T0 + 2)).toMatchObject({
      id: first.id,
      settings: { sensitivity: 3, baseLimit: 100 },
    });
    expect(await noteProgress(db, first.id, { share: 0.5, requests: 40, endsAt: T0 + 50 })).toBe(true);
    expect((await readBacktest(db, first.id))?.backtest).toMatchObject({
      state: 'running',
      startedAt: T0 + 2,
      progress: { share: 0.5, requests: 40, endsAt: T0 + 50 },
    });
    await endBacktest(db, first.id, { result }, T0 + 8);
    expect(await readBacktest(db, first.id)).toMatchObject({
      backtest: { state: 'done', endedAt: T0 + 8 },
      result: { requests: 5 },
    });
    await startBacktest(db, second.id, T0 + 3);
    await endBacktest(db, second.id, { fault: 'The history is away.' }, T0 + 8);
    await endBacktest(db, second.id, { result }, T0 + 9);
    expect(await readBacktest(db, second.id)).toMatchObject({
      backtest: { state: 'failed', fault: 'The history is away.' },
      result: null,
    });
    expect(await startBacktest(db, second.id, T0 + 9)).toBeUndefined();
    const page = await listBacktests(db, { within: 'all', limit: 1 });
    expect(page.items.map(({ id }) => id)).toEqual([second.id]);
    expect(page.nextCursor).not.toBeNull();
    expect((await listBacktests(db, { within: ['shop'], limit: 9 })).items.map(({ id }) => id)).toEqual([first.id]);
  });

  it('are begun anew where a worker ended over them, and given up in the end', async () => {
    const { id } = (await ask(T0))!;
    for (let n = 0; n < MOST_STARTS; n += 1) expect(await startBacktest(db, id, T0 + n)).toMatchObject({ id });
    expect(await stateOf(id)).toBe('running');
    expect(await startBacktest(db, id, T0 + 9)).toBeUndefined();
    expect((await readBacktest(db, id))?.backtest).toMatchObject({
      state: 'failed',
      endedAt: T0 + 9,
      fault: expect.stringMatching(/begun 5 times/),
    });
    expect(await waitingBacktests(db)).not.toContain(id);
  });

  it('are cancelled once, and go on no further', async () => {
    const { id } = (await ask(T0))!;
    await startBacktest(db, id, T0);
    expect(await cancel(id)).toMatchObject({ type: 'cancelled', backtest: { state: 'cancelled', endedAt: T0 + 9 } });
    expect([(await cancel(id)).type, (await cancel('bt_nobody')).type]).toEqual(['over', 'missing']);
    expect(await noteProgress(db, id, { share: 1, requests: 1, endsAt: null })).toBe(false);
    await endBacktest(db, id, { result }, T0 + 9);
    expect(await stateOf(id)).toBe('cancelled');
  });

  it('are bounded: so many wait, and so many are kept', async () => {
    const many = async (count: number, at: number, by: (n: number) => string) =>
      (await Promise.all(Array.from({ length: count }, (_, n) => ask(at + n, 'shop', by(n))))).flatMap((each) => each ?? []);
    const own = await many(MOST_WAITING_EACH + 3, T0, () => 'Eve');
    expect(own).toHaveLength(MOST_WAITING_EACH);
    const others = await many(MOST_WAITING, T0 + 50, (n) => `p${n}`);
    expect(others).toHaveLength(MOST_WAITING - MOST_WAITING_EACH);
    for (const { id } of [...own, ...others]) await cancel(id);
    for (let n = 0; n < 12; n += 1) {
      const more = await many(MOST_WAITING, T0 + 1000 * n, (index) => `p${index}`);
      for (const { id } of more) await cancel(id);
    }
    const waiting = (await ask(1))!;
    expect(await discardBacktests(db)).toBeGreaterThan(50);
    expect([await stateOf(waiting.id), await discardBacktests(db)]).toEqual(['queued', 0]);
    expect(await db.$count(backtest)).toBe(201);
  });

  it('are worked on one at a time, each once however often it is put in', async () => {
    const namespace = randomNamespace();
    const queue = new BacktestQueue(redis, namespace);
    const done: string[] = [];
    let running = 0;
    let most = 0;
    const work = async (id: string) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 30));
      running -= 1;
      done.push(id);
    };
    await queue.add(['bt_1', 'bt_2', 'bt_1', 'bt_3']);
    const workers = await Promise.all([0, 1].map(() => workOnBacktests(redis, namespace, work)));
    await expect.poll(() => done.length, { timeout: 10_000 }).toBe(3);
    expect([new Set(done).size, most]).toEqual([3, 1]);
    await Promise.all(workers.map((worker) => worker.close()));
    await queue.close();
  });
});

describe('copies of the baselines', () => {
  it('are taken once a day and come back shard by shard', async () => {
    const namespace = randomNamespace();
    const state = Uint8Array.from([1, 0, 255]);
    await saveBaselines(redis, namespace, { shard: 0, generation: 1 }, 1, { puts: [['rada', state]], deletes: [] });
    await saveBaselines(redis, namespace, { shard: 1, generation: 1 }, 1, { puts: [['rbob', state]], deletes: [] });
    const population = { service: 'shop', endpoint: 'GET /a', statistics: [] };
    await savePopulations(redis, namespace, [population as never]);
    const take = (now: number) => copyBaselines(db, redis, { namespace, shards: 2, now });
    expect(await take(T0)).toEqual({ takenAt: T0, shards: 2 });
    expect(await take(T0 + DAY - 1)).toBeUndefined();
    await take(T0 + DAY);
    expect(await findCopy(db, { from: T0, to: T0 + DAY - 1 })).toEqual({ takenAt: T0, shards: 2 });
    expect(await findCopy(db, { from: T0 + 1, to: T0 + DAY - 1 })).toBeUndefined();
    const parts = [];
    for await (const part of readCopy(db, T0)) parts.push(part);
    expect(parts).toEqual([
      { populations: [population] },
      { shard: 0, entries: [['rada', expect.anything()]] },
      { shard: 1, entries: [['rbob', expect.anything()]] },
    ]);
    expect([...((parts[1] as { entries: [string, Uint8Array][] }).entries[0]?.[1] ?? [])]).toEqual([1, 0, 255]);
    for (let day = 2; day < 34; day += 1) await take(T0 + day * DAY);
    expect(await findCopy(db, { from: 0, to: T0 + 2 * DAY })).toBeUndefined();
    expect(await findCopy(db, { from: 0, to: T0 + 3 * DAY })).toMatchObject({ takenAt: T0 + 3 * DAY });
  });
});

describe('the live run of a service', () => {
  it("is its alerts and its policy's decisions of a time, with what people said", async () => {
    await insertAlert(db, { id: 'al_before', service: 'bank', subjectId: 'old', firstAt: T0 - 9 * DAY, lastAt: T0 - 8 * DAY });
    await insertAlert(db, { id: 'al_within', service: 'bank', subjectId: 'ada', firstAt: T0, lastAt: T0 + 5 });
    await insertAlert(db, { id: 'al_other', service: 'shop', subjectId: 'bob', firstAt: T0, lastAt: T0 + 5 });
    await db.transaction((tx) =>
      resolveAlert(tx, 'al_within', { by: { id: 'per_eve', name: 'Eve' }, verdict: 'true-positive', now: T0 + 7 }),
    );
    const order = { service: 'bank', action: 'block' as const, subject: { type: 'actor' as const, id: 'ada' }, endpoint: null };
    const made = {
      ...order,
      rate: null,
      reason: 'too fast',
      origin: { type: 'policy' as const, name: 'block' },
      alertId: 'al_within',
    };
    await db.transaction((tx) => createDecision(tx, { ...made, until: T0 + 900_000 }, T0 + 1));
    const run = await readLiveRun(db, { service: 'bank', from: T0 - DAY, to: T0 + DAY });
    expect(run.alerts).toMatchObject([{ id: 'al_within', subject: { type: 'actor', id: 'ada' }, verdict: 'true-positive' }]);
    expect(run.verdicts).toMatchObject([{ alertId: 'al_within', judgedAt: T0 + 7, service: 'bank' }]);
    expect(run.decisions).toMatchObject([{ action: 'block', kind: 'rate', verdict: 'true-positive', createdAt: T0 + 1 }]);
    expect(run.cut).toBe(0);
    const later = { service: 'bank', from: T0 + DAY, to: T0 + 2 * DAY };
    expect(await readLiveRun(db, later)).toEqual({ alerts: [], decisions: [], verdicts: [], cut: 0 });
    await insertAlert(db, { id: 'al_next', service: 'bank', subjectId: 'bob', firstAt: T0 + 1, lastAt: T0 + 5 });
    await insertAlert(db, { id: 'al_last', service: 'bank', subjectId: 'cyd', firstAt: T0 + 2, lastAt: T0 + 5 });
    const some = await readLiveRun(db, { service: 'bank', from: T0 - DAY, to: T0 + DAY }, 1);
    expect([some.alerts.map(({ id }) => id), some.decisions.length, some.cut]).toEqual([['al_within'], 1, 2]);
  });
});
