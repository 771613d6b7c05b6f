/**
 * The wall between teams (T19 of the attack list), against the running server with a history: a person of one team names every thing
 * of another in every operation, reads every list, takes over cursors, and listens. Operations come from the contract: a new one is tried
 * by itself, or fails here until it is told how.
 */
import { accessActionOf, type OperationName } from '@plimsoll/contracts';
import { createKey, createService, noteReceipts, schema, setPersonAttributes } from '@plimsoll/storage';
import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Answer, type Visitor } from '../setup/admin-server.js';
import { neededQuery, operationNames, operationOf } from '../setup/contract.js';
import { makeLog } from '../setup/findings.js';
import { goodBodies } from '../setup/good-bodies.js';
import { ENGINE_WITHIN_MS, keepLogs, type OwnHistory, ownHistory } from '../setup/history.js';
import { listen } from '../setup/listener.js';
import { insertAlert, insertAlertRequest, insertMinute, insertPending, T0 } from '../setup/records.js';

const SECRET = 'ledger';
const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
let server: AdminServer;
let kept: OwnHistory;
let insider: Visitor;
let outsider: Visitor;
let bodies: Partial<Record<OperationName, unknown>>;
/** Ids of what the other team has, by what it is. */
const theirs: Record<string, string> = { service: SECRET, log: `${SECRET}-1` };

beforeAll(async () => {
  kept = await ownHistory();
  server = await AdminServer.start({ env: { CLICKHOUSE_URL: kept.readerUrl } });
  await createService(server.db, { id: 'shop', team: 'sales' }, T0);
  await createService(server.db, { id: SECRET, team: 'bank' }, T0);
  [insider, outsider] = [await server.signIn('owner', 'Ada'), await server.signIn('owner', 'Eve')];
  await setPersonAttributes(server.db, outsider.person.id, { everyTeam: false, teams: ['sales'] });
  server.advance(6_000); // What was known of the sessions is stale by now.
  await fill();
  bodies = goodBodies(SECRET, theirs['alert'] ?? '');
}, ENGINE_WITHIN_MS);
afterAll(async () => {
  await server?.close();
  await kept?.drop();
});

/** Something of each kind of the other team, and beside it, newer, something of the own. */
async function fill(): Promise<void> {
  const { db, context } = server;
  const now = server.now();
  const minute = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const times = (at: number) => ({ firstAt: at, lastAt: at });
  theirs['alert'] = await insertAlert(db, { service: SECRET, subjectId: `${SECRET}-user`, ...times(now - 2_000) });
  await insertAlertRequest(db, theirs['alert']);
  await insertAlert(db, times(now - 1_000));
  // Five days: what is usual is known.
  for (const days of [0, 1, 2, 3, 4, 5])
    await insertMinute(db, { service: SECRET, minute: minute - days * DAY_MS - (days && 5 * MINUTE_MS), requests: 77 });
  theirs['decision'] = await insertPending(db, SECRET, `${SECRET}-user`);
  await insertPending(db);
  theirs['key'] = (await createKey(db, { service: SECRET, name: SECRET }, T0)).key.id;
  for (const [service, prefix] of [
    [SECRET, SECRET],
    ['shop', 'ours'],
  ] as const) {
    const logs = [1, 2].map((n) => makeLog({ id: `${prefix}-${n}`, ts: now - n * 1_000, actor: `${prefix}-user` }));
    await keepLogs(kept.history, service, logs);
    const { body } = await insider.call('createBacktest', { body: { service, days: 1 } });
    if (service === SECRET) theirs['backtest'] = String(body['id']);
  }
  const said = { instance: `${SECRET}-1`, name: `${SECRET}-1`, sdk: '0.1.0', via: 'stream', goodbye: false } as const;
  const receipt = { ...said, service: SECRET, appliedMsAgo: 0, version: 0, at: now };
  await noteReceipts(context.redis, context.env.PLIMSOLL_NAMESPACE, [receipt]);
  for (const search of [`?kind=rate&service=${SECRET}`, '?kind=rate'])
    await insider.call('saveView', { body: { name: `Nights ${search.length}`, shared: true, search } });
}

const guarded = operationNames.filter((name) => !operationOf(name).open);
const plain: Record<string, string> = {
  service: SECRET,
  ts: String(T0),
  text: SECRET,
  type: 'actor',
  subject: 'x',
  alerts: 'alt_x',
};

/** The id of their thing that a path asks for. */
function idIn(name: OperationName): string | undefined {
  const { path, action } = operationOf(name);
  if (!path.includes('{id}') || action === null) return undefined;
  if (path.startsWith('/api/services/')) return SECRET;
  if (path.startsWith('/api/backtests/')) return theirs['backtest'];
  if (path.startsWith('/api/history/')) return theirs['log'];
  return theirs[accessActionOf(action).on.toLowerCase()];
}
/** What belongs to the installation has ids of no team. */
const aimed = guarded.filter((name) => {
  const { path, action } = operationOf(name);
  return path.includes('{id}') && action !== null && accessActionOf(action).on !== 'Installation';
});

/** An answer as two of them are compared: without the number of the request. */
const told = ({ status, body: { requestId: _, ...rest } }: Answer) => [status, rest];

const tables = () =>
  Promise.all(
    [schema.alert, schema.decision, schema.service, schema.serviceKey].map((table) => server.db.select().from(table as never)),
  );

describe('T19: things of another team', () => {
  it.each(aimed)('%s: their id is no id', async (name) => {
    const before = await tables();
    const body = bodies[name] === undefined ? {} : { body: bodies[name] };
    const ask = (id: string) => outsider.call(name, { params: { id }, query: neededQuery(name, plain), ...body });
    const answer = told(await ask(idIn(name) ?? ''));
    expect([name, ...answer]).toEqual([name, 404, expect.objectContaining({ code: 'not-found' })]);
    expect(answer).toEqual(told(await ask('none')));
    expect(await tables()).toEqual(before);
  });

  it.each(guarded.filter((name) => operationOf(name).body?.shape['service']))(
    '%s: their service in a body is none',
    async (name) => {
      const ask = (service: string) => outsider.call(name, { body: { ...(bodies[name] as object), service } });
      const answer = told(await ask(SECRET));
      expect(answer).toEqual([404, expect.objectContaining({ code: 'not-found' })]);
      expect(answer).toEqual(told(await ask('nowhere')));
    },
  );

  it('beside an own service in a body are none, and no service is made in their team', async () => {
    const subject = { type: 'actor', id: 'x' };
    const body = { service: 'shop', action: 'block', subject, durationSeconds: 60, reason: 'x' };
    const alertId = theirs['alert'] ?? '';
    expect((await outsider.call('decide', { body: { ...body, alertId } })).status).toBe(404);
    expect((await outsider.call('createService', { body: { id: 'spy', team: 'bank' } })).status).toBe(404);
    expect((await outsider.call('createService', { body: { id: 'stall', team: 'sales' } })).status).toBe(201);
  });

  it('are told by an id that is taken alone, sixty times an hour', async () => {
    const make = (id: string) => outsider.call('createService', { body: { id, team: 'sales' } });
    const taken = await make(SECRET);
    expect([taken.status, taken.text]).toEqual([409, expect.not.stringContaining('bank')]);
    const statuses = (await Promise.all(Array.from({ length: 70 }, () => make(SECRET)))).map(({ status }) => status);
    expect([...new Set(statuses)].sort()).toEqual([409, 429]);
    expect([(await make(SECRET)).status, (await make('free')).status]).toEqual([429, 429]);
    expect((await insider.call('createService', { body: { id: 'free', team: 'bank' } })).status).toBe(201);
  });

  it('among others in a call about many are no alerts, and the others are worked on', async () => {
    server.advance(60_000); // The refusals before have used up what is written down in a minute.
    const before = await server.db.select().from(schema.alert).where(eq(schema.alert.service, SECRET));
    const ask = async (act: object, id: string) => {
      const others = [await insertAlert(server.db), await insertAlert(server.db)];
      const alerts = [others[0], id, others[1]].map((each) => ({ id: each, version: 0 }));
      const { status, body } = await outsider.call('triage', { body: { act, alerts } });
      const results = body['results'] as { type: string; id: string }[];
      expect(results.map((result) => result.id)).toEqual(alerts.map((alert) => alert.id));
      const alone = await outsider.call('triage', { body: { act, alerts: [{ id, version: 0 }] } });
      return { status, types: results.map(({ type }) => type), alone: [alone.status, alone.text.replaceAll(id, 'ID')] };
    };
    for (const act of [
      { type: 'acknowledge' },
      { type: 'resolve', verdict: 'false-positive' },
      { type: 'snooze', differs: true },
    ]) {
      const answer = await ask(act, theirs['alert'] ?? '');
      expect(answer).toMatchObject({ status: 200, types: ['changed', 'missing', 'changed'] });
      expect(answer).toEqual(await ask(act, 'alt_none'));
    }
    expect(await server.db.select().from(schema.alert).where(eq(schema.alert.service, SECRET))).toEqual(before);
    const refusals = and(eq(schema.audit.action, 'access.denied'), eq(schema.audit.object, 'triage'));
    const written = () => server.db.select().from(schema.audit).where(refusals);
    await expect.poll(async () => (await written()).length).toBe(6);
    for (const row of await written()) {
      expect([row.personId, JSON.stringify(row.detail)]).toEqual([outsider.person.id, expect.stringContaining('platform.wall')]);
    }
  });

  const ofService = guarded.filter((name) => {
    const { query, action } = operationOf(name);
    const ofTeams = action !== null && accessActionOf(action).on !== 'Installation';
    return ofTeams && query?.shape['service'] && !aimed.includes(name);
  });
  it.each(ofService)('%s of their service answers as of a service that is not there', async (name) => {
    const ask = (service: string) => outsider.call(name, { query: { ...neededQuery(name, plain), service } });
    const answer = await ask(SECRET);
    expect(told(answer)).toEqual(told(await ask('nowhere')));
    expect(answer.text).not.toContain(SECRET);
    // A list says of no service that there is nothing; whatever is about one service says that there is none.
    const empty = { items: [], nextCursor: null };
    expect(told(answer)).toEqual(answer.status === 200 ? [200, empty] : [404, expect.objectContaining({ code: 'not-found' })]);
  });

  it('are in no list and no search', async () => {
    const reads = guarded.filter((name) => {
      const { method, path, query } = operationOf(name);
      return method === 'GET' && !path.includes('{id}') && query?.shape['service']?.safeParse(undefined).success !== false;
    });
    const shown: string[] = [];
    for (const name of reads) {
      const query = neededQuery(name, plain);
      const [mine, own] = [await outsider.call(name, { query }), await insider.call(name, { query })];
      expect([name, own.status]).toEqual([name, 200]);
      expect([name, mine.text.includes(SECRET)]).toEqual([name, false]);
      if (own.text.includes(SECRET)) shown.push(name);
      // What is the installation's is not for a person of some teams.
      expect([name, [200, 403].includes(mine.status)]).toEqual([name, true]);
    }
    const names = ['alerts', 'backtests', 'decisions', 'deviating', 'overview', 'pipeline', 'savedViews', 'search', 'services'];
    expect(shown).toEqual(expect.arrayContaining(names));
    const { items } = (await outsider.call('savedViews')).body as { items: { search: string }[] };
    expect(items.map(({ search }) => search)).toEqual(['?kind=rate']);
    for (const [name, query] of [['alerts', { subject: SECRET }] as const, ['alerts', { text: SECRET }] as const])
      expect((await outsider.call(name, { query })).body['items']).toEqual([]);
  });

  it('are in no count and no series', async () => {
    const open = async (service?: string) => {
      const rows = await server.db.select().from(schema.alert).where(eq(schema.alert.state, 'open'));
      return rows.filter((row) => service === undefined || row.service === service).length;
    };
    expect((await outsider.call('alertCounts')).body).toMatchObject({ open: await open('shop') });
    expect((await insider.call('alertCounts')).body).toMatchObject({ open: await open() });
    expect((await outsider.call('overview')).body).toMatchObject({ openAlerts: await open('shop'), pending: 1 });
    const lead = await insertAlert(server.db, { leads: true });
    for (const service of ['shop', SECRET]) await insertAlert(server.db, { service, campaign: lead, state: 'resolved' });
    const size = async (visitor: Visitor) => (await visitor.call('campaignSizes', { query: { alerts: lead } })).body['items'];
    expect([await size(insider), await size(outsider)]).toEqual([[{ id: lead, alerts: 2 }], [{ id: lead, alerts: 1 }]]);
    const sum = async (name: 'traffic' | 'usualTraffic', field: string, visitor: Visitor) => {
      const { points } = (await visitor.call(name)).body as { points: Record<string, number>[] };
      return points.reduce((total, point) => total + (point[field] ?? 0), 0);
    };
    expect([await sum('traffic', 'requests', insider), await sum('traffic', 'requests', outsider)]).toEqual([77, 0]);
    expect(await sum('usualTraffic', 'high', insider)).toBeGreaterThan(0);
    expect(await sum('usualTraffic', 'high', outsider)).toBe(0);
  });

  it.each<[OperationName, Record<string, string>, Record<string, string>]>([
    ['alerts', {}, {}],
    ['decisions', {}, {}],
    ['backtests', {}, {}],
    ['searchRequests', { service: SECRET }, { service: 'shop' }],
  ])('%s: a cursor of somebody who sees them leads to none', async (name, asked, taken) => {
    const first = await insider.call(name, { query: { ...asked, limit: '1' } });
    const cursor = String(first.body['nextCursor']);
    const all = await insider.call(name, { query: { ...asked, cursor } });
    expect([all.status, all.text.includes(SECRET)]).toEqual([200, true]);
    const mine = await outsider.call(name, { query: { ...taken, cursor } });
    expect([mine.status, mine.text.includes(SECRET)]).toEqual([200, false]);
    if (asked['service']) expect((await outsider.call(name, { query: { ...asked, cursor } })).status).toBe(404);
  });

  it('are not heard of on the live channel, and leave no gap there', async () => {
    const [mine, all] = [await listen(server, outsider), await listen(server, insider)];
    await insider.call('acknowledge', { params: { id: theirs['alert'] ?? '' }, body: {} });
    await insider.call('acknowledge', { params: { id: await insertAlert(server.db) }, body: {} });
    await expect.poll(() => all.events.length).toBe(2);
    await expect.poll(() => mine.events.length).toBe(1);
    expect(JSON.stringify(mine.events)).not.toContain(SECRET);
    expect(mine.events.map(({ seq }) => seq)).toEqual([1]);
    mine.close();
    all.close();
  });

  it('single services beside the own team can be opened', async () => {
    await setPersonAttributes(server.db, outsider.person.id, { everyTeam: false, teams: ['sales'], services: [SECRET] });
    server.advance(6_000);
    expect((await outsider.call('alert', { params: { id: theirs['alert'] ?? '' } })).status).toBe(200);
  });
});
