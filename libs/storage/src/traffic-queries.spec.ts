import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/setup/database.js';
import { insertAlert, insertMinute, insertService, T0 } from '../../../test/setup/records.js';
import { decodeCursor } from './cursors.js';
import { type Database, openDatabase } from './database.js';
import { listDecisions } from './decision-queries.js';
import { createDecision, liftDecision } from './decisions.js';
import * as schema from './schema.js';
import { endpointNames, listEndpoints, readOverview, trafficSeries } from './traffic-queries.js';

const MINUTE = 60_000;
let database: ReturnType<typeof openDatabase>;
let db: Database;
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 4 });
  db = database.db;
  await insertService(db);
  await insertService(db, 'bank');
});
beforeEach(async () => {
  await db.delete(schema.trafficMinute);
  await db.delete(schema.alert);
});
afterAll(() => database.close());

describe('the names of endpoints', () => {
  it('are those of the service alone, each once, by the alphabet', async () => {
    expect(await endpointNames(db, 'shop')).toEqual([]);
    for (const endpoint of ['POST /login', 'GET /a', 'GET /b'])
      for (const minute of [T0, T0 - MINUTE]) await insertMinute(db, { minute, endpoint });
    await insertMinute(db, { minute: T0, endpoint: 'GET /aa', service: 'bank' });
    expect(await endpointNames(db, 'shop')).toEqual(['GET /a', 'GET /b', 'POST /login']);
    expect(await endpointNames(db, 'bank')).toEqual(['GET /aa']);
  });
});

describe('the series', () => {
  it('has a point for every bucket, zeros included, oldest first, summed over endpoints', async () => {
    await insertMinute(db, { minute: T0 });
    await insertMinute(db, { minute: T0, endpoint: 'POST /login', requests: 30, durationMs: 350, throttled: 4, blocked: 3 });
    await insertMinute(db, { minute: T0 - 2 * MINUTE, service: 'bank' });
    await insertMinute(db, { minute: T0 - 3 * MINUTE });
    const all = await trafficSeries(db, { within: 'all', minutes: 3, bucketMinutes: 1, until: T0 + 59_999 });
    expect(all.map(({ ts, requests }) => [ts, requests])).toEqual([
      [T0 - 2 * MINUTE, 10],
      [T0 - MINUTE, 0],
      [T0, 40],
    ]);
    expect(all[2]).toEqual({ ts: T0, requests: 40, errors: 2, clientErrors: 4, throttled: 4, blocked: 3, durationMsMean: 10 });
    const shop = await trafficSeries(db, {
      within: 'all',
      service: 'shop',
      endpoint: 'POST /login',
      minutes: 3,
      bucketMinutes: 1,
      until: T0,
    });
    expect(shop.map(({ requests }) => requests)).toEqual([0, 0, 30]);
  });

  it('aligns wider buckets to whole multiples since the epoch', async () => {
    const hour = Math.floor(T0 / 3_600_000) * 3_600_000;
    await insertMinute(db, { minute: hour });
    await insertMinute(db, { minute: hour + 59 * MINUTE });
    await insertMinute(db, { minute: hour - MINUTE });
    const series = await trafficSeries(db, { within: 'all', minutes: 120, bucketMinutes: 60, until: hour + 5 * MINUTE });
    expect(series.map(({ ts, requests }) => [ts, requests])).toEqual([
      [hour - 3_600_000, 10],
      [hour, 20],
    ]);
  });

  it('does not reach behind the epoch', async () => {
    const series = await trafficSeries(db, { within: 'all', minutes: 60, bucketMinutes: 1, until: 90_000 });
    expect(series.map(({ ts }) => ts)).toEqual([0, MINUTE]);
  });
});

describe('endpoints', () => {
  it('are listed with totals, busiest first, of one service', async () => {
    await insertMinute(db, { minute: T0 });
    await insertMinute(db, { minute: T0 + MINUTE });
    await insertMinute(db, { minute: T0, endpoint: 'POST /login', requests: 90, durationMs: 90 });
    await insertMinute(db, { minute: T0, service: 'bank', requests: 500 });
    expect(await listEndpoints(db, 'shop')).toEqual([
      {
        endpoint: 'POST /login',
        requests: 90,
        errors: 1,
        clientErrors: 2,
        throttled: 0,
        blocked: 0,
        durationMsMean: 1,
        firstAt: T0,
        lastAt: T0,
      },
      {
        endpoint: 'GET /products',
        requests: 20,
        errors: 2,
        clientErrors: 4,
        throttled: 0,
        blocked: 0,
        durationMsMean: 5,
        firstAt: T0,
        lastAt: T0 + MINUTE,
      },
    ]);
  });
});

const block = (id: string, until: number, type: 'actor' | 'address' = 'actor', endpoint: string | null = null) =>
  db.transaction((tx) =>
    createDecision(
      tx,
      {
        service: 'shop',
        action: 'block',
        subject: { type, id },
        endpoint,
        rate: null,
        reason: 'x',
        origin: { type: 'person', name: 'Ada' },
        alertId: null,
        until,
      },
      T0,
    ),
  );

const everything = { within: 'all', alert: () => true, decision: () => true } as const;

describe('the first screen', () => {
  it('counts what is open and what is in force', async () => {
    await insertAlert(db);
    await insertAlert(db, { severity: 'low', service: 'bank' });
    await insertAlert(db, { state: 'acknowledged', severity: 'critical' });
    await insertAlert(db, { state: 'resolved' });
    await block('a', T0 + 10_000);
    await block('b', T0 - 1);
    await insertMinute(db, { minute: T0 - MINUTE, requests: 100 });
    await insertMinute(db, { minute: T0, requests: 7 });
    await insertMinute(db, { minute: T0 - 2 * MINUTE, requests: 1_000 });
    expect(await readOverview(db, T0 + 45_000, everything)).toEqual({
      openAlerts: 2,
      acknowledgedAlerts: 1,
      throttled: 0,
      challenged: 0,
      blocked: 0,
      pending: 0,
      bySeverity: { low: 1, medium: 0, high: 1, critical: 0 },
      byKind: [{ kind: 'rate', bySeverity: { low: 1, medium: 0, high: 1, critical: 0 } }],
      services: [
        { id: 'bank', requestsLastMinute: 0, openAlerts: 1 },
        // A quarter of the minute before lies within the last 60 s.
        { id: 'shop', requestsLastMinute: 32, openAlerts: 1 },
      ],
    });
    expect(await readOverview(db, T0, everything)).toMatchObject({ blocked: 1 });
    const severe = { ...everything, within: ['shop'], alert: ({ severity }: { severity: string }) => severity !== 'critical' };
    expect(await readOverview(db, T0, { ...severe, decision: ({ byPerson }) => !byPerson })).toMatchObject({
      openAlerts: 1,
      acknowledgedAlerts: 0,
      blocked: 0,
      services: [{ id: 'shop', openAlerts: 1 }],
    });
  });
});

describe('the list of decisions', () => {
  it('tells those in force from those that are over, newest first', async () => {
    await db.delete(schema.decision);
    const [active, lifted, over] = [await block('a', T0 + 10_000), await block('b', T0 + 10_000), await block('c', T0 + 5)];
    await db.transaction((tx) => liftDecision(tx, lifted.id, 'Ada', T0 + 1));
    const ids = async (filter: object) =>
      (await listDecisions(db, { within: 'all', limit: 9, ...filter }, T0 + 6)).items.map(({ id }) => id).sort();
    expect(await ids({ active: true })).toEqual([active.id]);
    expect(await ids({ active: false })).toEqual([lifted.id, over.id].sort());
    expect(await ids({})).toHaveLength(3);
    expect(await ids({ subject: 'b' })).toEqual([lifted.id]);
    expect(await ids({ subjectType: 'address', subjectId: 'b' })).toEqual([]);
    expect(await ids({ service: 'bank' })).toEqual([]);
  });
  it('has by their end those that end first, over all pages, whenever they were made', async () => {
    await db.delete(schema.decision);
    const ends = [50, 20, 40, 20, 30];
    const made = await Promise.all(ends.map((end, index) => block(`by-end-${index}`, T0 + end * 1_000)));
    const first = await listDecisions(db, { within: 'all', active: true, order: 'ending', limit: 2 }, T0);
    const cursor = decodeCursor(first.nextCursor ?? '');
    const rest = await listDecisions(db, { within: 'all', active: true, order: 'ending', limit: 9, cursor }, T0);
    expect([...first.items, ...rest.items].map(({ until }) => (until - T0) / 1_000)).toEqual([20, 20, 30, 40, 50]);
    expect(new Set([...first.items, ...rest.items].map(({ id }) => id))).toEqual(new Set(made.map(({ id }) => id)));
    expect(rest.nextCursor).toBeNull();
  });
  it('has of an endpoint what holds on it, or everywhere', async () => {
    await db.delete(schema.decision);
    const [everywhere, here] = [await block('a', T0 + 10_000), await block('b', T0 + 10_000, 'actor', 'GET /products')];
    await block('c', T0 + 10_000, 'actor', 'GET /orders');
    const { items } = await listDecisions(db, { within: 'all', limit: 9, endpoint: 'GET /products' }, T0);
    expect(items.map(({ id }) => id).sort()).toEqual([everywhere.id, here.id].sort());
  });
  it('finds for an address what holds its network', async () => {
    await db.delete(schema.decision);
    const held = await block('2001:db8:0:1:2:3:4:5', T0 + 10_000, 'address');
    const about = async (subjectType: 'actor' | 'address', subjectId: string) =>
      (await listDecisions(db, { within: 'all', limit: 9, subjectType, subjectId }, T0)).items.map(({ id }) => id);
    expect(await about('address', '2001:db8:0:1::9')).toEqual([held.id]);
    expect(await about('address', '2001:db8:0:1::/64')).toEqual([held.id]);
    expect(await about('address', '2001:db8:0:2::9')).toEqual([]);
    expect(await about('actor', '2001:db8:0:1::9')).toEqual([]);
  });
});
