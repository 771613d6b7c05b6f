/** What is under way while somebody is erased, and ids that look like something else. What lies in the records is tried with all stores in test/security/erasure.spec.ts. */
import { DEFAULT_SETTINGS } from '@plimsoll/contracts';
import { credentialOf } from '@plimsoll/detection';
import { eq, inArray, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { freshDatabase, randomNamespace } from '../../../test/setup/database.js';
import { insertAlert, insertAlertRequest, insertHeld } from '../../../test/setup/records.js';
import { alertHistory } from './alert-events.js';
import { triageAlerts } from './alert-triage.js';
import { endBacktest, noteProgress } from './backtests.js';
import { copyBaselines } from './baseline-copies.js';
import { type Database, openDatabase } from './database.js';
import { eraseRecords, leftOf } from './erase-records.js';
import { openRedis } from './redis.js';
import { alert, decision, person } from './schema.js';
import { backtest, baselineCopy } from './schema-backtest.js';
import { approval } from './schema-people.js';
import { savedView } from './schema-triage.js';
import { createService } from './services.js';

const NOW = 1_790_000_000_000;
let database: ReturnType<typeof openDatabase>;
let db: Database;
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 4 });
  db = database.db;
  await createService(db, { id: 'shop' }, NOW);
  await db.insert(person).values({ id: 'per_a', name: 'Ada', role: 'owner', createdAt: NOW });
});
afterAll(() => database.close());

it('brings nobody back by a backtest that was under way: it has failed, and what it ends with is not kept', async () => {
  const asked = { service: 'shop', patch: {}, settings: DEFAULT_SETTINGS, policy: 'block', warmUpDays: 1, createdBy: 'Ada' };
  const times = { fromAt: NOW - 2, toAt: NOW - 1, createdAt: NOW };
  await db.insert(backtest).values([
    { ...asked, ...times, id: 'under-way', state: 'running' },
    { ...asked, ...times, id: 'next', state: 'queued' },
  ]);
  const { erased } = await db.transaction((tx) => eraseRecords(tx, 'mallory', NOW));
  expect(erased).toContainEqual({ place: 'backtests under way', count: 1 });
  expect(await noteProgress(db, 'under-way', { share: 0.9, requests: 9, endsAt: NOW })).toBe(false);
  await endBacktest(db, 'under-way', { result: { named: 'mallory' } as never }, NOW + 1);
  const rows = await db.select().from(backtest).where(eq(backtest.service, 'shop')).orderBy(backtest.id);
  expect(rows).toMatchObject([
    { id: 'next', state: 'queued' },
    { id: 'under-way', state: 'failed', result: null, fault: expect.stringContaining('Run it again') },
  ]);
});

describe('an id that looks like something else', () => {
  const ada = { id: 'per_a', name: 'Ada' };
  const sentence = '42 requests, 0 of them refused, at a rate over its own on GET /open; block or not';
  const signals = [{ name: 'requests in 42 s', observed: 42, expected: 0, score: 0.42 }];

  async function prepare(actor: string): Promise<{ listing: string; silent: string }> {
    const about = { explanation: sentence, signals };
    const parties = { items: ['u1', actor], total: 2 };
    const listing = await insertAlert(db, { ...about, subjectId: `a-${actor}`, actors: parties, note: `I called ${actor}.` });
    const silent = await insertAlert(db, { ...about, subjectId: `b-${actor}` });
    const note = { note: `${actor} again, of 420`, until: NOW + 42 };
    await db.transaction((tx) => triageAlerts(tx, { type: 'acknowledge', ...note }, [{ id: listing }], { by: ada, now: NOW }));
    const view = { personId: ada.id, shared: true, createdAt: NOW };
    await db.delete(savedView);
    await db.insert(savedView).values([
      { ...view, id: 'view_1', name: `a ${actor}`, search: '?days=42&since=0&kind=rate&state=open&name=block' },
      { ...view, id: 'view_2', name: 'a erased', search: '?state=open' },
      { ...view, id: 'view_3', name: 'c', search: `?subject=${actor}` },
      { ...view, id: 'view_4', name: 'd', search: `?days=42&text=by+${actor}` },
    ]);
    const asked = {
      operation: 'decide',
      params: {},
      digest: '',
      askedBy: ada.id,
      askedAt: NOW,
      state: 'waiting',
      expiresAt: NOW,
    };
    await db.delete(approval);
    await db.insert(approval).values([
      { ...asked, id: 'apr_1', body: { subject: { type: 'actor', id: actor }, action: 'block' } },
      { ...asked, id: 'apr_2', body: { name: 'open', action: 'block', days: 42, from: 0, reason: `${actor} said so` } },
    ]);
    return { listing, silent };
  }

  it.each(['42', '0', 'name', 'open', 'block'])('%s goes from where it is one, and nothing else is changed', async (actor) => {
    const { listing, silent } = await prepare(actor);
    const { erased } = await db.transaction((tx) => eraseRecords(tx, actor, NOW));
    const counts = { 'alerts that named it': 1, 'saved views': 2, approvals: 1, texts: 4 };
    expect(Object.fromEntries(erased.map(({ place, count }) => [place, count]))).toMatchObject(counts);

    const rows = await db
      .select()
      .from(alert)
      .where(inArray(alert.id, [listing, silent]))
      .orderBy(alert.subjectId);
    expect(rows[0]).toMatchObject({ signals, actors: { items: ['u1'], total: 2 }, note: 'erased again, of 420' });
    expect(rows[1]).toMatchObject({ signals, explanation: sentence });
    if (/\d/.test(actor)) expect(rows[0]?.explanation).toBe(sentence);
    expect(await alertHistory(db, listing)).toMatchObject([{ note: 'erased again, of 420', until: NOW + 42 }]);
    const undone = await db.transaction((tx) => triageAlerts(tx, { type: 'undo' }, [{ id: listing }], { by: ada, now: NOW }));
    expect(undone).toMatchObject([{ type: 'changed', alert: { state: 'open', note: 'I called erased.' } }]);
    const views = await db.select({ name: savedView.name, search: savedView.search }).from(savedView).orderBy(savedView.id);
    expect(views).toEqual([
      { name: 'a erased (view_1)', search: '?days=42&since=0&kind=rate&state=open&name=block' },
      { name: 'a erased', search: '?state=open' },
    ]);
    const body = { name: 'open', action: 'block', days: 42, from: 0, reason: 'erased said so' };
    expect(await db.select({ body: approval.body }).from(approval)).toEqual([{ body }]);
  });
});

it('waits for a copy of what was learnt that is being made: none that read the actor comes after it', async () => {
  const redis = openRedis(inject('redisUrl'), 'erase-records-spec');
  const sleeps = `create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(1); return new; end $$;
    create trigger slow before insert on baseline_copy for each row execute function slow()`;
  await db.execute(sql.raw(sleeps));
  const copying = copyBaselines(db, redis, { namespace: randomNamespace(), shards: 1, now: NOW });
  const isAtWork = sql`select 1 from pg_stat_activity where query like '%insert into "baseline_copy"%' and state = 'active' and pid <> pg_backend_pid()`;
  await expect.poll(async () => (await db.execute(isAtWork)).rows.length, { timeout: 10_000, interval: 20 }).toBeGreaterThan(0);
  await db.transaction((tx) => eraseRecords(tx, 'mallory', NOW));
  expect(await copying).toEqual({ takenAt: NOW, shards: 1 });
  expect(await db.$count(baselineCopy)).toBe(0);
  redis.disconnect();
});

describe('an id in other characters', () => {
  const ID = 'samlp|acme|mallory@example.com';
  /** As `encodeURI` writes it, and nothing else does. */
  const MIXED = 'samlp%7cacme%7Cmallory@example.com';

  it('is found in what people wrote, and in paths, however it is encoded', async () => {
    const alertId = await insertAlert(db, { note: `see /users/${MIXED}, 100%` });
    await insertAlertRequest(db, alertId, { path: `/users/${MIXED}` });
    const asked = { operation: 'decide', params: {}, digest: '', askedBy: 'per_a', askedAt: NOW, state: 'done', expiresAt: NOW };
    await db.insert(approval).values({ ...asked, id: 'apr_mixed', body: { reason: `asked for /users/${MIXED}` } });
    const { erased } = await db.transaction((tx) => eraseRecords(tx, ID, NOW));
    expect(erased).toEqual([{ place: 'texts', count: 2 }]);
    const [row] = await db.select().from(alert).where(eq(alert.id, alertId));
    expect(row?.note).toBe('see /users/erased, 100%');
    expect(await db.transaction((tx) => leftOf(tx, ID))).toMatchObject([{ place: '1 requests of others beside alerts' }]);
    await db.delete(alert);
  });

  it('is found where the model shortened it', async () => {
    const long = `auth0|${'7'.repeat(90)}`;
    const sentence = `${credentialOf(long)} to and fro between 2 addresses.`;
    const alertId = await insertAlert(db, { kind: 'credential-theft', explanation: sentence });
    const held = await insertHeld(db, alertId, { reason: sentence });
    await db.transaction((tx) => eraseRecords(tx, long, NOW));
    const told = `${credentialOf('erased')} to and fro between 2 addresses.`;
    const [row] = await db.select().from(alert).where(eq(alert.id, alertId));
    const [order] = await db.select().from(decision).where(eq(decision.id, held));
    expect([row?.explanation, order?.reason]).toEqual([told, told]);
    await db.delete(decision);
    await db.delete(alert);
  });
});

it('counts the requests of others that name it, also where a path holds it percent-encoded', async () => {
  const id = await insertAlert(db);
  const paths = ['/users/auth0%7C5f7c/x', '/users/auth0%7c5f7c', '/users/auth0|5f7c', '/users/auth0%7C5f7c1', '/users/auth0'];
  for (const path of paths) await insertAlertRequest(db, id, { path });
  await insertAlertRequest(db, id, { path: paths[0] ?? '', actor: 'auth0|5f7c' });
  expect(await db.transaction((tx) => leftOf(tx, 'auth0|5f7c'))).toMatchObject([{ place: '3 requests of others beside alerts' }]);
});
