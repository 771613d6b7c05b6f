/** A person's verdict on its way back, and the alert budget, on real stores. */
import 'reflect-metadata';
import type { AlertKind, AlertVerdict, RequestLog } from '@plimsoll/contracts';
import { markHeeded, resolveAlert, schema, shardsOfVerdict, unheededVerdicts, updateService } from '@plimsoll/storage';
import { eq, ne } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeLog } from '../../../test/setup/findings.js';
import { insertAlert } from '../../../test/setup/records.js';
import { openStage, type Stage } from '../../../test/setup/worker-stage.js';
import { openWorker, type Worker } from './worker.js';

let stage: Stage;
let worker: Worker;
/** The worker's clock is ahead of the world's by this, so that a minute of calm need not be waited for. */
let ahead = 0;
const now = () => Date.now() + ahead;
const opened = () => openWorker({ ...stage.context(), now });
beforeEach(async () => {
  ahead = 0;
  stage = await openStage({ policy: 'monitor' });
  worker = await opened();
});
afterEach(async () => {
  await worker.close();
  await stage.close();
});

const idle = () => stage.idle();
const open = () => stage.db.select().from(schema.alert).where(ne(schema.alert.state, 'resolved'));
const waiting = () => unheededVerdicts(stage.db, now(), 100);
/** By the worker's clock the last verdicts can no longer be taken back. */
const settled = () => {
  ahead += 15_000;
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A scanner of one address: as many unknown paths within some seconds. `round` tells the logs of two walks apart. */
const walk = (round: string, paths: number, ip = '198.51.100.7'): RequestLog[] =>
  Array.from({ length: paths }, (_, n) =>
    makeLog({ id: `${round}-${n}`, ts: now() - 2_000 + n, path: `/${round}-${'x'.repeat(n)}/page`, status: 404, ip }),
  );

async function walked(round: string, paths: number, ip?: string): Promise<void> {
  await stage.send(walk(round, paths, ip), round);
  await idle();
}
async function judged(verdict: AlertVerdict): Promise<void> {
  for (const { id } of await open()) {
    await stage.db.transaction((tx) => resolveAlert(tx, id, { by: { id: 'per_eve', name: 'Eve' }, verdict, now: Date.now() }));
  }
  settled();
  await expect.poll(waiting, { timeout: 10_000 }).toEqual([]);
  await idle();
}

/** A quarter of an hour later, by the clock: the shards settle every two seconds. */
async function calmedDown(): Promise<void> {
  ahead += 900_000;
  await pause(4_500);
}

/** Twenty minutes of others on that endpoint, so that what one actor does is no norm. */
const others = (): RequestLog[] =>
  Array.from({ length: 600 }, (_, n) => {
    const actor = `user-${n % 30}`;
    return makeLog({ id: `other-${n}`, ts: now() - 1_200_000 + n * 1_900, route: '/items', path: '/items', actor });
  });

/** A burst of one actor on one endpoint: 90 requests in three seconds, where 38 in ten are an unknown client's. */
const burst = (round: string): RequestLog[] =>
  Array.from({ length: 90 }, (_, n) =>
    makeLog({
      id: `${round}-${n}`,
      ts: now() - 4_000 + n * 30,
      route: '/items',
      path: '/items',
      actor: 'ada',
      authenticated: true,
    }),
  );

describe('a verdict', () => {
  it.each<[AlertKind, AlertVerdict, again: number]>([
    ['probing', 'false-positive', 0],
    ['probing', 'expected-change', 0],
    ['probing', 'true-positive', 1],
    ['rate', 'false-positive', 0],
    ['rate', 'expected-change', 0],
    ['rate', 'true-positive', 1],
  ])('about %s, %s: the same behaviour raises %d alerts', async (kind, verdict, again) => {
    const behave = async (round: string) => {
      await stage.send(kind === 'rate' ? burst(round) : walk(round, 24), round);
      await idle();
    };
    if (kind === 'rate') await stage.send(others());
    await behave('first');
    expect(await open()).toMatchObject([{ kind }]);
    await judged(verdict);
    expect(await stage.db.select().from(schema.alert)).toMatchObject([{ verdict, heededAt: expect.any(Number) }]);
    await calmedDown();
    await behave('second');
    expect(await open()).toHaveLength(again);
  });
});

describe('a verdict on its way', () => {
  it('is heeded once, however often it is handed on', async () => {
    await walked('first', 24);
    await judged('false-positive');
    const [row] = await stage.db.select().from(schema.alert);
    await stage.db.update(schema.alert).set({ heededAt: null });
    const [report] = await waiting();
    const shards = shardsOfVerdict(report!, 2);
    for (let n = 0; n < 3; n += 1) {
      await stage.queue.enqueueVerdicts(shards.map((shard) => ({ shard, receivedAt: Date.now(), report: report! })));
    }
    await idle();
    await expect.poll(waiting, { timeout: 10_000 }).toEqual([]);
    const batches = await stage.db.select().from(schema.batch);
    expect(batches.filter(({ id }) => id.startsWith('v_'))).toHaveLength(shards.length);
    expect(row?.heededAt).toEqual(expect.any(Number));
  });

  it('waits for whoever takes the shards next', async () => {
    await walked('first', 24);
    await worker.close();
    const [alert] = await open();
    await stage.db.transaction((tx) =>
      resolveAlert(tx, alert!.id, { by: { id: 'per_eve', name: 'Eve' }, verdict: 'false-positive', now: Date.now() }),
    );
    settled();
    await pause(1_500);
    expect(await waiting()).toHaveLength(1);
    worker = await opened();
    await expect.poll(waiting, { timeout: 10_000 }).toEqual([]);
    await idle();
    const batches = await stage.db.select().from(schema.batch);
    expect(batches.filter(({ id }) => id.startsWith('v_')).length).toBeGreaterThan(0);
  });

  it('is known to a successor of a worker that could not write it behind', async () => {
    await walked('first', 24);
    await judged('false-positive');
    // As after kill -9: the lease is another's, so that nothing more is written behind; the jobs are still kept.
    await stage.db.update(schema.shard).set({ leaseUntil: 1, generation: 1_000 });
    await worker.close();
    worker = await opened();
    await calmedDown();
    await walked('second', 24);
    expect(await open()).toEqual([]);
    await calmedDown();
    await walked('third', 60);
    expect(await open()).toHaveLength(1);
  });
});

describe('the alert budget', () => {
  it('stretches the limits of a service while more alerts open than its team can look at', async () => {
    for (let n = 0; n < 12; n += 1) {
      await insertAlert(stage.db, { severity: 'low', kind: 'drift', firstAt: Date.now(), lastAt: Date.now() });
    }
    await walked('first', 15, '198.51.100.1');
    expect(await stage.db.select().from(schema.alert).where(eq(schema.alert.kind, 'probing'))).toHaveLength(1);
    await updateService(stage.db, 'shop', { settings: { alertBudget: 4 } });
    await worker.close();
    worker = await opened();
    await walked('second', 15, '198.51.100.2');
    expect(await stage.db.select().from(schema.alert).where(eq(schema.alert.kind, 'probing'))).toHaveLength(1);
    await walked('third', 40, '198.51.100.3');
    expect(await stage.db.select().from(schema.alert).where(eq(schema.alert.kind, 'probing'))).toHaveLength(2);
  });
});

describe('what is handed on', () => {
  it('is marked alone', async () => {
    const ids = ['al_a', 'al_b'];
    for (const id of ids)
      await insertAlert(stage.db, { id, state: 'resolved', resolvedAt: 5, verdict: 'true-positive', heededAt: 1 });
    await stage.db.update(schema.alert).set({ heededAt: 7 }).where(eq(schema.alert.id, 'al_a'));
    await markHeeded(stage.db, ids, 9);
    expect((await stage.db.select().from(schema.alert)).map(({ heededAt }) => heededAt).sort()).toEqual([1, 7]);
  });
});
