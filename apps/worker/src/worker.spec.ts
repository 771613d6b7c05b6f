/** The way of a batch through the worker, on real stores. */
import 'reflect-metadata';
import type { RequestLog } from '@plimsoll/contracts';
import { createDecision, discardOld, readUsual, schema } from '@plimsoll/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeLog } from '../../../test/setup/findings.js';
import { Wire } from '../../../test/setup/wire.js';
import { openStage, type Stage } from '../../../test/setup/worker-stage.js';
import { openWorker, type Worker } from './worker.js';

let stage: Stage;
let worker: Worker;
beforeEach(async () => {
  stage = await openStage();
  worker = await openWorker(stage.context());
});
afterEach(async () => {
  await worker.close();
  await stage.close();
});

const idle = () => stage.idle();
const alerts = () => stage.db.select().from(schema.alert);
const decisions = () => stage.db.select().from(schema.decision);
/** 90 requests of one actor in one second: far beyond the cold limit. */
const flood = (fields: Partial<RequestLog> = {}): RequestLog[] =>
  Array.from({ length: 90 }, (_, i) =>
    makeLog({ id: `flood-${i}`, ts: Date.now(), route: '/items', actor: 'ada', authenticated: true, ...fields }),
  );

describe('effects', () => {
  it('happen once for a batch that comes again', async () => {
    const logs = flood();
    await stage.send(logs, 'one');
    await idle();
    const before = await alerts();
    for (let again = 0; again < 3; again += 1) await stage.send(logs, 'one');
    await stage.send([makeLog({ id: 'last' })]);
    await expect.poll(() => stage.counted()).toBe(91);
    expect(await alerts()).toEqual(before);
  });

  it('happen once for a log that comes again, in its batch or in another', async () => {
    const logs = [makeLog({ id: 'a' }), makeLog({ id: 'b' }), makeLog({ id: 'a' })];
    await stage.send(logs, 'one');
    await idle();
    await stage.send([...logs, makeLog({ id: 'c' })], 'two');
    await idle();
    expect(await stage.counted()).toBe(3);
  });

  it('happen for each log whose id ingestion made, also where two batches look alike', async () => {
    await stage.send([makeLog({ id: 'batch:x' })], 'one');
    await stage.send([makeLog({ id: 'batch:y' })], 'two');
    await expect.poll(() => stage.counted()).toBe(2);
  });

  it.each(['active', 'completed', 'meta', '__proto__', 'a\u{fffd}b', '測'.repeat(256), "'; --"])(
    'are the same whatever text a client chose: %j',
    async (text) => {
      const hostile = flood({ actor: text, userAgent: text, path: `/${text}`.slice(0, 2048), credential: text.slice(0, 128) });
      await stage.send(
        hostile.map((log, i) => ({ ...log, id: `${text}${i}`.slice(-128) })),
        text,
      );
      await expect.poll(() => stage.counted()).toBe(90);
      expect(await alerts()).toMatchObject([{ subjectId: text }]);
      expect(await stage.jobs()).toMatchObject({ failed: 0 });
    },
  );

  it('fall into the minute and second of the event, told live for live logs alone', async () => {
    const ts = Date.now() - 3 * 86_400_000;
    await stage.send([
      makeLog({ id: 'old', ts, timing: 'historical', status: 500 }),
      makeLog({ id: 'new', ts: Date.now(), verdict: 'block' }),
    ]);
    await idle();
    const rows = await stage.db.select().from(schema.trafficMinute);
    expect(rows.map(({ minute }) => minute).sort()).toContain(Math.floor(ts / 60_000) * 60_000);
    await expect
      .poll(() => stage.told.flatMap((message) => (message.type === 'traffic' ? message.ticks : [])))
      .toMatchObject([{ service: 'shop', requests: 1, errors: 0, blocked: 1 }]);
  });
});

it('keeps for people what is usual of the whole service, once it has been there for half an hour', async () => {
  const usual = async () => (await readUsual(stage.redis, stage.env.PLIMSOLL_NAMESPACE, ['shop']))[0];
  const TEN_SECONDS = 10_000;
  const start = Date.now() - 45 * 6 * TEN_SECONDS;
  // In parts: a shard lets no more than 128 tens of seconds of one service wait.
  for (let part = 0; part < 3; part += 1) {
    const tens = Array.from({ length: 90 }, (_, index) => part * 90 + index);
    await stage.send(
      tens.flatMap((ten) =>
        ['x', 'y'].map((name) => makeLog({ id: `${name}${ten}`, ts: start + ten * TEN_SECONDS, route: '/a' })),
      ),
    );
    await idle();
  }
  await expect.poll(usual, { timeout: 10_000 }).toMatchObject({ service: 'shop', bands: { length: 336 } });
  const [low, high] = (await usual())?.bands[0] ?? [];
  expect(low).toBeLessThanOrEqual(12);
  expect(high).toBeGreaterThanOrEqual(12);
  expect(high).toBeLessThan(30);
});

describe('an outlier', () => {
  it('is alerted, throttled to what was learnt, told live and to the feed, with its requests as evidence', async () => {
    await stage.send(flood());
    await idle();
    const [alert] = await alerts();
    expect(alert).toMatchObject({
      kind: 'rate',
      subjectType: 'actor',
      subjectId: 'ada',
      endpoint: 'GET /items',
      historical: false,
    });
    const [decision] = await decisions();
    expect(decision).toMatchObject({ action: 'throttle', subjectId: 'ada', alertId: alert?.id, origin: { type: 'policy' } });
    expect(decision?.rate?.requests).toBeGreaterThan(0);
    await expect.poll(() => stage.feed).toEqual([decision?.version]);
    const kinds = () => new Set(stage.told.map(({ type }) => type));
    await expect.poll(kinds).toEqual(new Set(['traffic', 'alert', 'decision']));
    expect((await stage.db.select().from(schema.alertRequest)).length).toBeGreaterThan(10);
  });

  it('of an old file is alerted as such and never enforced', async () => {
    for (const timing of ['historical', 'late'] as const) {
      await stage.send(
        flood({ timing, actor: timing }).map((log) => ({ ...log, id: `${timing}${log.id}`, ts: log.ts - 86_400_000 })),
      );
    }
    await idle();
    expect(await alerts()).toMatchObject([{ historical: true }, { historical: true }]);
    expect(await decisions()).toEqual([]);
  });

  it('is left to the person who has decided about it', async () => {
    const subject = { type: 'actor' as const, id: 'ada' };
    const order = { service: 'shop', action: 'block' as const, subject, endpoint: null, rate: null, alertId: null };
    const draft = {
      ...order,
      reason: 'by hand',
      origin: { type: 'person' as const, name: 'Eve' },
      until: Date.now() + 3_600_000,
    };
    await stage.db.transaction((tx) => createDecision(tx, draft, Date.now()));
    await stage.send(flood());
    await idle();
    expect(await alerts()).toHaveLength(1);
    expect(await decisions()).toMatchObject([{ origin: { type: 'person' } }]);
  });

  it('is only watched where the policy says so', async () => {
    await stage.db.update(schema.service).set({ policy: 'monitor' });
    await expect.poll(() => stage.db.select().from(schema.service)).toMatchObject([{ policy: 'monitor' }]);
    await new Promise((resolve) => setTimeout(resolve, 2_100)); // Policies are read every two seconds.
    await stage.send(flood());
    await idle();
    expect([(await alerts()).length, await decisions()]).toEqual([1, []]);
  });

  it('that shows only across actors is found by the second stage: one address against many accounts', async () => {
    const ts = Date.now();
    const tries = Array.from({ length: 40 }, (_, i) =>
      makeLog({
        id: `try-${i}`,
        ts: ts + i,
        method: 'POST',
        route: '/login',
        status: 401,
        ip: '198.51.100.7',
        actor: `user-${i}`,
        authenticated: false,
      }),
    );
    await stage.send(tries);
    await idle();
    const found = (await alerts()).filter(({ subjectType }) => subjectType === 'address');
    expect(found.map(({ kind }) => kind)).toContain('credential-stuffing');
    expect(found[0]?.subjectId).toBe('198.51.100.7');
    expect(await decisions()).toMatchObject(found.map(() => ({ subjectType: 'address', subjectId: '198.51.100.7' })));
  });
});

describe('stores that go away', () => {
  it('PostgreSQL: batches wait and are counted once', async () => {
    const wire = new Wire(new URL(stage.databaseUrl));
    const url = await wire.open();
    await worker.close();
    worker = await openWorker(stage.context(url));
    await stage.send([makeLog({ id: 'before' })]);
    await expect.poll(() => stage.counted()).toBe(1);
    await wire.cut();
    for (let i = 0; i < 5; i += 1) await stage.send([makeLog({ id: `during-${i}`, ip: `203.0.113.${i}` })]);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await stage.counted()).toBe(1);
    await wire.open();
    await expect.poll(() => stage.counted(), { timeout: 15_000 }).toBe(6);
    await idle();
    expect(await stage.jobs()).toMatchObject({ failed: 0 });
    await worker.close();
    await wire.cut();
    worker = await openWorker(stage.context());
  });

  it('PostgreSQL while the worker is told to stop: the batch is left for the next one', async () => {
    const wire = new Wire(new URL(stage.databaseUrl));
    const url = await wire.open();
    await worker.close();
    const stopping = await openWorker(stage.context(url));
    await wire.cut();
    await stage.send([makeLog({ id: 'left' })]);
    await expect.poll(async () => (await stage.jobs()).active).toBe(1);
    await stopping.close();
    await stage.db.update(schema.shard).set({ leaseUntil: 1 }); // It could not give its leases back.
    worker = await openWorker(stage.context());
    await expect.poll(() => stage.counted(), { timeout: 10_000 }).toBe(1);
  });
});

describe('a batch that cannot be recorded', () => {
  it('gets a second chance alone, then stays as a dead letter, and holds nothing up', async () => {
    await stage.send(
      flood().map((log) => ({ ...log, id: `x${log.id}` })),
      'poison',
      'no-such-service',
    );
    await stage.send(flood(), 'good');
    await expect.poll(() => stage.counted(), { timeout: 20_000 }).toBe(90);
    await stage.idle({ failed: 1 });
    expect(await alerts()).toHaveLength(1);
  });
});

describe('what is old', () => {
  it('is thrown away, and nothing else', async () => {
    const now = Date.now();
    await stage.send([makeLog({ id: 'old', ts: now - 40 * 86_400_000, timing: 'historical' })]);
    await idle();
    // All that there is of the service so far, an old file say: to be seen until newer traffic makes it old.
    expect(await discardOld(stage.db, now)).toMatchObject({ trafficMinutes: 0 });
    await stage.send([makeLog({ id: 'new', ts: now })], 'new');
    await idle();
    expect(await discardOld(stage.db, now)).toMatchObject({ trafficMinutes: 1, batches: 0 });
    expect(await stage.counted()).toBe(1);
    expect((await discardOld(stage.db, now + 3 * 86_400_000)).batches).toBeGreaterThan(0);
  });
});
