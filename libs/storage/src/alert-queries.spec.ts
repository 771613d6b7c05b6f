import { MOST_IN_CAMPAIGN } from '@plimsoll/contracts';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/setup/database.js';
import { insertAlert, insertAlertRequest, insertService, T0 } from '../../../test/setup/records.js';
import { listAlerts, readAlert, relatedAlerts } from './alert-queries.js';
import { campaignSizes } from './campaigns.js';
import { decodeCursor } from './cursors.js';
import { type Database, openDatabase } from './database.js';
import { createDecision } from './decisions.js';
import * as schema from './schema.js';
import type { Within } from './within.js';

let database: ReturnType<typeof openDatabase>;
let db: Database;
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 8 });
  db = database.db;
  await insertService(db);
  await insertService(db, 'bank');
});
beforeEach(async () => {
  await db.delete(schema.alert);
});
afterAll(() => database.close());

describe('the list', () => {
  it('runs from the latest to the oldest, page by page, each alert once, also with equal times', async () => {
    const times = [5, 5, 5, 4, 3, 3, 2];
    const ids = await Promise.all(times.map((offset) => insertAlert(db, { lastAt: T0 + offset })));
    const seen: { id: string; lastAt: number }[] = [];
    let cursor: string | null = null;
    do {
      const page = await listAlerts(db, { within: 'all', limit: 2, cursor: cursor === null ? undefined : decodeCursor(cursor) });
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen.map(({ lastAt }) => lastAt - T0)).toEqual(times);
    expect(seen.map(({ id }) => id).sort()).toEqual([...ids].sort());
  });

  it('filters by service, state, kind, severity and a literal part of the subject', async () => {
    const other = await insertAlert(db, { service: 'bank', kind: 'probing', severity: 'low', subjectId: '10%_off' });
    await insertAlert(db, { subjectId: '100 off' });
    const ids = async (filter: Omit<Parameters<typeof listAlerts>[1], 'within'>, within: Within = 'all') =>
      (await listAlerts(db, { within, ...filter })).items.map(({ id }) => id);
    expect(await ids({ limit: 9, service: 'bank' })).toEqual([other]);
    expect(await ids({ limit: 9, kind: ['probing', 'drift'] })).toEqual([other]);
    expect(await ids({ limit: 9, severity: ['low'] })).toEqual([other]);
    expect(await ids({ limit: 9, subject: '0%_' })).toEqual([other]);
    expect(await ids({ limit: 9, subject: "'; drop table alert; --" })).toEqual([]);
    expect(await ids({ limit: 9, state: ['resolved'] })).toEqual([]);
    expect(await ids({ limit: 9 })).toHaveLength(2);
    expect(await ids({ limit: 9 }, ['bank'])).toEqual([other]);
    expect(await ids({ limit: 9, service: 'bank' }, ['shop'])).toEqual([]);
    expect(await ids({ limit: 9 }, [])).toEqual([]);
  });

  it('filters by exactly a subject and exactly an endpoint', async () => {
    const bo = await insertAlert(db, { subjectId: 'bo', endpoint: 'GET /a', lastAt: T0 + 2 });
    await insertAlert(db, { subjectId: 'bob', endpoint: 'GET /a/b' });
    const itself = await insertAlert(db, { subjectType: 'endpoint', subjectId: 'GET /a', endpoint: '', lastAt: T0 + 1 });
    const ids = async (filter: Partial<Parameters<typeof listAlerts>[1]>) =>
      (await listAlerts(db, { within: 'all', limit: 9, ...filter })).items.map(({ id }) => id);
    expect(await ids({ subjectType: 'actor', subjectId: 'bo' })).toEqual([bo]);
    expect(await ids({ subjectType: 'address', subjectId: 'bo' })).toEqual([]);
    expect(await ids({ endpoint: 'GET /a' })).toEqual([bo, itself]);
  });

  it('filters by text in whatever case, by whose it is, and by time', async () => {
    const mine = await insertAlert(db, { assigneeId: 'per_ada', assigneeName: 'Ada', endpoint: 'POST /Orders', lastAt: T0 + 5 });
    const free = await insertAlert(db, { subjectId: 'carol', endpoint: 'GET /b', explanation: 'too MANY reads', lastAt: T0 });
    const ids = async (filter: Partial<Parameters<typeof listAlerts>[1]>) =>
      (await listAlerts(db, { within: 'all', limit: 9, ...filter })).items.map(({ id }) => id);
    expect(await ids({ text: 'post /orders' })).toEqual([mine]);
    expect(await ids({ text: 'Many READS' })).toEqual([free]);
    expect(await ids({ text: '%' })).toEqual([]);
    expect(await ids({ assignee: 'per_ada' })).toEqual([mine]);
    expect(await ids({ assignee: 'none' })).toEqual([free]);
    expect(await ids({ since: T0 + 1 })).toEqual([mine]);
    expect(await ids({ before: T0 + 1 })).toEqual([free]);
  });

  it('grouped, leaves out what stands below the alert of its campaign while that one is in the list', async () => {
    const head = await insertAlert(db, { kind: 'credential-stuffing', leads: true, lastAt: T0 + 9 });
    const below = await insertAlert(db, { campaign: head });
    const alone = await insertAlert(db, { lastAt: T0 - 1 });
    const ids = async (filter: Partial<Parameters<typeof listAlerts>[1]>) =>
      (await listAlerts(db, { within: 'all', limit: 9, ...filter })).items.map(({ id }) => id);
    expect(await ids({ group: 'campaign', state: ['open', 'acknowledged'] })).toEqual([head, alone]);
    expect(await ids({ campaign: head })).toEqual([below]);
    await db.update(schema.alert).set({ state: 'resolved' }).where(eq(schema.alert.id, head));
    expect(await ids({ group: 'campaign', state: ['open', 'acknowledged'] })).toEqual([below, alone]);
    expect((await relatedAlerts(db, below))?.map(({ id }) => id)).toEqual([head]);
    expect(await relatedAlerts(db, 'alt_none')).toBeUndefined();
  });
});

describe('the size of a campaign', () => {
  it('is how many alerts belong to it, of those that count for whoever asks', async () => {
    const head = await insertAlert(db, { kind: 'credential-stuffing', leads: true });
    const other = await insertAlert(db, { leads: true });
    for (const severity of ['low', 'high', 'high'] as const) await insertAlert(db, { campaign: head, severity });
    await insertAlert(db, { campaign: head, state: 'resolved', verdict: 'true-positive' });
    await insertAlert(db);
    const all = { within: 'all' as Within, alert: () => true };
    const alerts = [head, other, 'alt_none', ''];
    expect(await campaignSizes(db, { alerts }, all)).toEqual([{ id: head, alerts: 4 }]);
    expect(await campaignSizes(db, { alerts, state: ['open', 'acknowledged'] }, all)).toEqual([{ id: head, alerts: 3 }]);
    const grave = { ...all, alert: ({ severity }: { severity: string }) => severity === 'high' };
    expect(await campaignSizes(db, { alerts, state: ['open'] }, grave)).toEqual([{ id: head, alerts: 2 }]);
    expect(await campaignSizes(db, { alerts }, { ...all, within: ['bank'] })).toEqual([]);
    expect(await campaignSizes(db, { alerts: [] }, all)).toEqual([]);
  });

  it('is counted up to a thousand', async () => {
    const head = await insertAlert(db, { leads: true });
    await db.execute(sql`
      insert into alert select (jsonb_populate_record(alert, jsonb_build_object('id', 'alt_' || n, 'campaign', ${head}::text,
        'leads', false, 'subject_id', 'user-' || n))).* from alert, generate_series(1, 1200) as n`);
    const [size] = await campaignSizes(db, { alerts: [head] }, { within: 'all', alert: () => true });
    expect(size).toEqual({ id: head, alerts: MOST_IN_CAMPAIGN });
  });
});

describe('cursors', () => {
  it.each(['', 'x', 'AAAA', Buffer.from('1 a b').toString('base64url'), Buffer.from("1 ';--").toString('base64url'), 'MSBh='])(
    'that are not ours are refused: %j',
    (text) => expect(decodeCursor(text)).toBeUndefined(),
  );
});

describe('one alert', () => {
  it('comes with its chart, its requests and the decisions about its subject', async () => {
    const id = await insertAlert(db, { subjectId: 'mallory' });
    const older = await insertAlertRequest(db, id, { ts: T0 });
    const newer = await insertAlertRequest(db, id, { ts: T0 + 1, actor: 'mallory', userAgent: '<script>' });
    const subject = { type: 'actor', id: 'mallory' } as const;
    const origin = { type: 'person', name: 'Ada' } as const;
    const order = {
      service: 'shop',
      action: 'block',
      endpoint: null,
      rate: null,
      reason: 'x',
      origin,
      until: T0 + 60_000,
    } as const;
    const decision = await db.transaction((tx) => createDecision(tx, { ...order, subject, alertId: id }, T0));
    await db.transaction((tx) => createDecision(tx, { ...order, subject: { type: 'actor', id: 'eve' }, alertId: null }, T0));
    const detail = await readAlert(db, id);
    expect(detail?.alert).toMatchObject({ id, subject, state: 'open', endpoint: 'GET /products' });
    expect(detail?.points).toEqual([{ ts: T0, observed: 80, expected: 10, limit: 20 }]);
    expect(detail?.requests.map((request) => request.id)).toEqual([newer, older]);
    expect(detail?.requests.map(({ actor, userAgent }) => [actor, userAgent])).toEqual([
      ['mallory', '<script>'],
      [null, 'curl'],
    ]);
    expect(detail?.decisions).toEqual([decision]);
    expect(await readAlert(db, 'alt_none')).toBeUndefined();
  });

  it('comes with what was decided because of it about somebody else: who claimed to be its subject', async () => {
    const id = await insertAlert(db, { subjectId: 'victim' });
    const subject = { type: 'address', id: '192.0.2.66' } as const;
    const origin = { type: 'policy', name: 'block' } as const;
    const order = { service: 'shop', action: 'block', endpoint: null, rate: null, reason: 'x', until: T0 + 60_000 } as const;
    const made = await db.transaction((tx) => createDecision(tx, { ...order, subject, origin, alertId: id }, T0));
    expect((await readAlert(db, id))?.decisions).toEqual([made]);
  });
});
