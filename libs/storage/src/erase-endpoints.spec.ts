/** Names of endpoints that hold the id of somebody who is erased: where they go, and where they are what others know a route by. */
import { settingsSchema } from '@plimsoll/contracts';
import { eq, inArray } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/setup/database.js';
import { insertAlert, insertAlertRequest } from '../../../test/setup/records.js';
import { type Database, openDatabase } from './database.js';
import { createDecision, type DecisionDraft } from './decisions.js';
import { eraseOwnEndpoints, placesInSettings } from './erase-endpoints.js';
import { eraseRecords, leftOf } from './erase-records.js';
import { createErasure, readErasure } from './erasures.js';
import { alert, alertRequest, decision, person, service } from './schema.js';
import { backtest } from './schema-backtest.js';
import { historyGap } from './schema-history.js';
import { approval } from './schema-people.js';
import { createService } from './services.js';

const NOW = 1_790_000_000_000;
let database: ReturnType<typeof openDatabase>;
let db: Database;
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 4 });
  db = database.db;
  for (const id of ['shop', 'other', 'lists', 'silent']) await createService(db, { id }, NOW);
});
beforeEach(async () => {
  await db.delete(decision);
  await db.delete(alert);
  await db.delete(historyGap);
  await db.update(service).set({ settings: settingsSchema.parse({}) });
});
afterAll(() => database.close());

describe('the name of an endpoint that holds the id', () => {
  const settings = (...actors: string[]) =>
    settingsSchema.parse({
      allow: { actors },
      groups: [{ name: 'g', actors: ['mallory', 'login'], addresses: ['192.0.2.0/24'] }],
      endpoints: [{ endpoint: 'GET /users/mallory', sensitive: true }, { endpoint: 'POST /login' }],
      flows: [{ name: 'f', steps: ['GET /', 'GET /users/mallory/x'] }],
      ladder: [{ endpoint: 'GET /users/mallory', steps: [{ action: 'block', seconds: 60 }] }],
    });
  const erase = (actor: string) =>
    db.transaction(async (tx) => ({ ...(await eraseRecords(tx, actor, NOW)), kept: await leftOf(tx, actor) }));
  const stored = async (id: string) => (await db.select().from(service).where(eq(service.id, id)))[0]?.settings;

  const silent = { ...settings('u2'), groups: [] };
  async function keepSettings(): Promise<void> {
    for (const [id, its] of [
      ['lists', settings('mallory', 'u2')],
      ['silent', silent],
    ] as const) {
      await db.update(service).set({ settings: its }).where(eq(service.id, id));
    }
  }
  const alone = (id: string) => ['GET /users/mallory', 'GET /users/mallory/x'].map((endpoint) => ({ service: id, endpoint }));

  it('goes from settings that listed the actor and where it was alone, stays in others, and is counted there', async () => {
    await keepSettings();
    expect(await placesInSettings(db, 'mallory')).toEqual(alone('lists'));
    const order = { actor: 'mallory', pseudonym: 'user-1', by: 'Ada', reason: 'asked by the person' };
    const { id } = await createErasure(db, order, NOW);
    // The second time is of who was ended after the first.
    for (let time = 0; time < 2; time += 1) await eraseOwnEndpoints(db, id, alone('lists'));
    const went = [{ place: 'endpoints, rules and flows in settings', count: 3 }];
    expect((await readErasure(db, id))?.erased).toEqual(went);
    const { kept, services } = await erase('mallory');
    expect(await stored('lists')).toMatchObject({
      ...{ allow: { actors: ['u2'] }, groups: [{ actors: ['login'] }], flows: [], ladder: [] },
      endpoints: [{ endpoint: 'POST /login' }],
    });
    expect([await stored('silent'), services]).toEqual([silent, ['lists']]);
    expect(kept).toMatchObject([{ place: '2 names of endpoints', why: expect.stringContaining('change it there') }]);
  });

  it('stays in settings where nobody knows that the actor was alone: what they protect there, they protect for all', async () => {
    await keepSettings();
    const before = settings('mallory', 'u2');
    await db
      .insert(historyGap)
      .values({ service: 'lists', shard: 0, seq: 1, fromTs: 1, toTs: 2, requests: 1, reason: 'full', notedAt: 2 });
    // Of whom the history lacks it may have been.
    expect(await placesInSettings(db, 'mallory')).toEqual([]);
    const { erased, kept } = await erase('mallory');
    const { endpoints, flows, ladder } = before;
    expect(await stored('lists')).toMatchObject({ allow: { actors: ['u2'] }, endpoints, flows, ladder });
    expect(erased.map(({ place }) => place)).toEqual(['settings']);
    expect(kept).toMatchObject([{ place: '2 names of endpoints' }]);
  });

  it('goes from the actor’s own decision, from alerts that listed it, and from what came of them and is over', async () => {
    const endpoint = 'GET /users/mallory';
    const about = { service: 'shop', action: 'block', endpoint, rate: null, origin: { type: 'policy', name: 'block' } } as const;
    const reason = `9 on ${endpoint}`;
    const order = (draft: Pick<DecisionDraft, 'subject' | 'alertId' | 'until'>) =>
      db.transaction(async (tx) => (await createDecision(tx, { ...about, reason, ...draft }, NOW - 9))?.id ?? '');
    const parties = { items: ['mallory', 'u2'], total: 2 };
    const alertId = await insertAlert(db, {
      subjectType: 'address',
      subjectId: '192.0.2.1',
      endpoint,
      actors: parties,
      explanation: reason,
    });
    const long = `GET /users/mallory/${'x'.repeat(99)}`;
    const ofEndpoint = { subjectType: 'endpoint', subjectId: long, endpoint: long, actors: { items: ['mallory'], total: 1 } };
    const other = await insertAlert(db, { ...ofEndpoint, explanation: `9 on ${long.slice(0, 79)}…` });
    const own = await order({ subject: { type: 'actor', id: 'mallory' }, alertId: null, until: NOW + 9 });
    const over = await order({ subject: { type: 'address', id: '192.0.2.1' }, alertId, until: NOW - 1 });
    const standing = await order({ subject: { type: 'address', id: '192.0.2.2' }, alertId, until: NOW + 9 });
    const { kept } = await erase('mallory');
    const mark = (id: string) => `GET /users/erased-${id}`;
    const alerts = await db
      .select()
      .from(alert)
      .where(inArray(alert.id, [alertId, other]))
      .orderBy(alert.firstAt);
    const [first, second] = alerts.sort((a) => (a.id === alertId ? -1 : 1));
    expect(first).toMatchObject({ endpoint: mark(alertId), subjectId: '192.0.2.1', explanation: `9 on ${mark(alertId)}` });
    expect(second).toMatchObject({ endpoint: expect.stringContaining(mark(other)), subjectId: second?.endpoint });
    expect(second?.explanation).not.toContain('mallory');
    const decisions = await db
      .select()
      .from(decision)
      .where(inArray(decision.id, [own, over, standing]));
    const endpoints = new Map(decisions.map((each) => [each.id, each.endpoint]));
    expect([endpoints.get(own), endpoints.get(over)]).toEqual(['GET /users/erased', mark(alertId)]);
    const reasons = decisions.filter(({ id }) => id !== own).map((each) => each.reason);
    expect(reasons).toEqual([`9 on ${mark(alertId)}`, `9 on ${mark(alertId)}`]);
    expect([endpoints.get(standing), kept.map(({ place }) => place)]).toEqual([endpoint, ['1 names of endpoints']]);
  });

  it.each([
    ['stays where others were seen there too: it is a route’s word', 'shop', { actor: 'u2' }, ['login']],
    ['stays where somebody was seen there who was not signed in', 'shop', {}, ['login']],
    [
      'stays where the alert lists others, though its newest requests are all the actor’s',
      'shop',
      { actor: 'login' },
      ['login', 'u2'],
    ],
    ['goes where others were seen at such a name of another service', 'other', { actor: 'u2' }, ['login']],
  ])('%s', async (what, seenIn, log, listed) => {
    const actors = { items: listed, total: listed.length };
    const id = await insertAlert(db, { subjectType: 'endpoint', subjectId: 'POST /login', endpoint: 'POST /login', actors });
    const seen = seenIn === 'shop' ? id : await insertAlert(db, { service: seenIn });
    const logId = await insertAlertRequest(db, seen, log);
    await db.update(alertRequest).set({ endpoint: 'POST /login' }).where(eq(alertRequest.logId, logId));
    await erase('login');
    const [row] = await db.select().from(alert).where(eq(alert.id, id));
    const shown = what.startsWith('stays') ? 'POST /login' : `POST /erased-${id}`;
    expect(row).toMatchObject({ subjectId: shown, endpoint: shown, actors: { items: listed.slice(1) } });
  });

  it.each([
    ['whole', 999, ''],
    ['cut at 80', 80, ' too'],
    ['cut at 79', 79, '…'],
  ])('goes from a sentence that has it %s, however far behind the id stands', async (_, cut, more) => {
    const endpoint = `GET /${'x'.repeat(70)}/mallory/orders`;
    const told = (name: string) => `9 on ${name.slice(0, cut)}${more}`;
    const listed = { subjectId: '192.0.2.1', actors: { items: ['mallory'], total: 1 } };
    const id = await insertAlert(db, { ...listed, subjectType: 'address', endpoint, explanation: told(endpoint) });
    await erase('mallory');
    const [row] = await db.select().from(alert).where(eq(alert.id, id));
    expect(row?.endpoint).toBe(endpoint.replace('mallory', `erased-${id}`));
    expect(row?.explanation).toBe(told(row?.endpoint ?? ''));
  });

  it('is counted where it stays: beside requests, in backtests and in calls that wait for somebody', async () => {
    const id = await insertAlert(db, { endpoint: 'GET /a/mallory' });
    const logId = await insertAlertRequest(db, id, { actor: 'u2' });
    await db.update(alertRequest).set({ endpoint: 'GET /b/mallory' }).where(eq(alertRequest.logId, logId));
    const settingsOf = (endpoint: string) => settingsSchema.parse({ endpoints: [{ endpoint, sensitive: true }] });
    const asked = { service: 'shop', policy: 'block', warmUpDays: 1, createdBy: 'Ada', fromAt: 1, toAt: 2, createdAt: NOW };
    const result = { added: [{ subject: { type: 'endpoint', id: 'GET /e/mallory' }, endpoint: 'GET /f/mallory' }] } as never;
    const flows = [{ name: 'mallory', steps: ['GET /', 'GET /d/mallory'] }];
    await db
      .insert(backtest)
      .values({ ...asked, id: 'bt_1', state: 'done', settings: settingsOf('GET /c/mallory'), patch: { flows }, result });
    await db.insert(person).values({ id: 'per_a', name: 'Ada', role: 'owner', createdAt: NOW });
    const call = { operation: 'updateService', params: {}, digest: '', askedBy: 'per_a', askedAt: NOW, expiresAt: NOW };
    const body = { settings: { ladder: [{ endpoint: 'GET /g/mallory', steps: [] }] } };
    await db.insert(approval).values({ ...call, id: 'apr_1', state: 'waiting', body });
    const { kept } = await erase('mallory');
    expect(kept).toMatchObject([{ place: '7 names of endpoints' }]);
  });
});
