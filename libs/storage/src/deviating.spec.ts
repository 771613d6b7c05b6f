import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/setup/database.js';
import { insertAlert, insertMinute, insertService, T0 } from '../../../test/setup/records.js';
import { type Database, openDatabase } from './database.js';
import { readDeviating } from './deviating.js';
import * as schema from './schema.js';
import { learntTraffic, usualTraffic } from './usual-traffic.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
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

const everything = { within: 'all', alert: () => true } as const;

describe('who and what deviates most', () => {
  it('puts a subject together, names its gravest alert and the most limits that it reached', async () => {
    const grave = await insertAlert(db, {
      subjectId: 'ada',
      severity: 'critical',
      observed: 30,
      kind: 'probing',
      lastAt: T0 - 5,
    });
    await insertAlert(db, { subjectId: 'ada', observed: 80, lastAt: T0 });
    await insertAlert(db, { subjectId: 'bert', endpoint: 'POST /login' });
    const { subjects, endpoints } = await readDeviating(db, T0 + 1, everything);
    expect(subjects).toMatchObject([
      {
        subject: { id: 'ada' },
        alerts: 2,
        severity: 'critical',
        alertId: grave,
        times: 4,
        lastAt: T0,
        kinds: ['rate', 'probing'],
      },
      { subject: { id: 'bert' }, alerts: 1, severity: 'high' },
    ]);
    expect(endpoints.map(({ endpoint, alerts }) => [endpoint, alerts])).toEqual([
      ['GET /products', 2],
      ['POST /login', 1],
    ]);
  });
  it('leaves out what is resolved, asleep or of yesterday, other services and what is not to be seen', async () => {
    await insertAlert(db, { state: 'resolved' });
    await insertAlert(db, { state: 'snoozed' });
    await insertAlert(db, { lastAt: T0 - DAY });
    await insertAlert(db, { service: 'bank' });
    await insertAlert(db, { severity: 'low' });
    const seen = { within: ['shop'], alert: ({ severity }: { severity: string }) => severity !== 'low' };
    expect(await readDeviating(db, T0 + 1, seen)).toEqual({ subjects: [], endpoints: [] });
  });
  it('is about users, addresses and credentials: an endpoint stands among the endpoints', async () => {
    await insertAlert(db, { subjectType: 'endpoint', subjectId: 'GET /products' });
    const { subjects, endpoints } = await readDeviating(db, T0 + 1, everything);
    expect([subjects.length, endpoints.length]).toEqual([0, 1]);
  });
});

describe('what is usual', () => {
  const range = { within: 'all', service: 'shop', minutes: 2, bucketMinutes: 1, until: T0 } as const;
  const dayBack = (days: number, requests: number, minute = T0) => insertMinute(db, { minute: minute - days * DAY, requests });
  it('lies between the tenths of the same minutes of the days before', async () => {
    await insertMinute(db, { minute: T0 - 15 * DAY });
    for (let days = 1; days <= 14; days += 1) await dayBack(days, days * 10);
    const [before, now] = await usualTraffic(db, range);
    expect(before).toEqual({ ts: T0 - MINUTE, low: 0, high: 0 });
    expect(now?.ts).toBe(T0);
    expect([now?.low, now?.high].map((value) => Math.round(value ?? 0))).toEqual([23, 127]);
  });
  it('counts a quiet day as quiet, and no day before the service was there', async () => {
    await insertMinute(db, { minute: T0 - 4 * DAY });
    await dayBack(1, 30);
    const points = await usualTraffic(db, range);
    expect(points.at(-1)?.low).toBe(0);
    expect(Math.round(points.at(-1)?.high ?? 0)).toBe(24);
  });
  it('says nothing before three days are known, or of services that are not seen', async () => {
    await insertMinute(db, { minute: T0 - 2 * DAY });
    expect(await usualTraffic(db, range)).toEqual([]);
    await insertMinute(db, { minute: T0 - 9 * DAY });
    expect(await usualTraffic(db, { ...range, within: ['bank'] })).toEqual([]);
  });
});

describe('what the model has learnt as usual', () => {
  const HALF_HOUR = 30 * MINUTE;
  /** Band n of the week is n to 2n. */
  const weekly = (service: string) => ({
    service,
    minute: T0 / MINUTE,
    bands: Array.from({ length: 336 }, (_, slot): [number, number] => [slot, 2 * slot]),
  });
  const slotOf = (ts: number) => Math.floor(ts / HALF_HOUR) % 336;
  it('is the band of the time of the week, for each minute of a bucket', () => {
    const points = learntTraffic([weekly('shop')], { minutes: 120, bucketMinutes: 60, until: T0 });
    const first = points.at(-1)?.ts ?? 0;
    expect(points.map(({ ts }) => ts)).toEqual([first - 60 * MINUTE, first]);
    const low = 30 * slotOf(first) + 30 * slotOf(first + HALF_HOUR);
    expect(points.at(-1)).toEqual({ ts: first, low, high: 2 * low });
  });
  it('is added up over services, and forgotten of those that have been silent for a week', () => {
    const range = { minutes: 1, bucketMinutes: 1, until: T0 };
    const low = slotOf(T0);
    expect(learntTraffic([weekly('shop'), weekly('bank')], range)).toMatchObject([{ low: 2 * low, high: 4 * low }]);
    const silent = { ...weekly('bank'), minute: (T0 - 7 * DAY) / MINUTE };
    expect(learntTraffic([weekly('shop'), silent, { ...weekly('new'), bands: [] }], range)).toMatchObject([{ low }]);
    expect(learntTraffic([silent], range)).toEqual([]);
  });
});
