/**
 * The wall between teams (T19 of the attack list) and the inventory of roles (T20), against the running server: a person of
 * one team names every thing of another in every operation, reads every list, and listens.
 */
import { type AccessActionName, accessActionOf, adminApi, type Operation, type OperationName } from '@plimsoll/contracts';
import { createKey, createService, schema, setPersonAttributes } from '@plimsoll/storage';
import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type CallInput, type Visitor } from '../setup/admin-server.js';
import { listen } from '../setup/listener.js';
import { insertAlert, insertAlertRequest, insertMinute, insertPending, T0 } from '../setup/records.js';

const SECRET = 'ledger';
let server: AdminServer;
let insider: Visitor;
let outsider: Visitor;
const theirs: Record<string, string> = {};

beforeAll(async () => {
  server = await AdminServer.start();
  await createService(server.db, { id: 'shop', team: 'sales' }, T0);
  await createService(server.db, { id: SECRET, team: 'bank' }, T0);
  [insider, outsider] = [await server.signIn('owner', 'Ada'), await server.signIn('owner', 'Eve')];
  await setPersonAttributes(server.db, outsider.person.id, { everyTeam: false, teams: ['sales'] });
  server.advance(6_000); // What was known of the sessions is stale by now.
  theirs['alert'] = await insertAlert(server.db, { service: SECRET, subjectId: `${SECRET}-user` });
  await insertAlertRequest(server.db, theirs['alert']);
  await insertMinute(server.db, { service: SECRET, minute: Math.floor(server.now() / 60_000) * 60_000, requests: 77 });
  theirs['decision'] = await insertPending(server.db, SECRET, `${SECRET}-user`);
  theirs['key'] = (await createKey(server.db, { service: SECRET, name: SECRET }, T0)).key.id;
  theirs['service'] = SECRET;
});
afterAll(() => server?.close());

const operationOf = (name: OperationName): Operation => adminApi[name];
const guarded = (Object.keys(adminApi) as OperationName[]).filter((name) => !operationOf(name).open);

/** Good bodies of what changes things; what has none needs none. */
const bodies: Partial<Record<OperationName, unknown>> = {
  acknowledge: {},
  resolve: { verdict: 'false-positive' },
  lift: {},
  confirm: {},
  settlePending: { answer: 'dismiss' },
  updateService: { policy: 'monitor' },
  createKey: { name: 'mine' },
  updateKey: { requireSignedBatches: true },
  attackDemo: { attack: 'flood' },
  restoreKind: { kind: 'rate' },
};
/** Likewise queries. */
const queries: Partial<Record<OperationName, Record<string, string>>> = { outlook: { type: 'actor', subject: 'x' } };

/** The id of their thing that a path asks for. */
function idIn(name: OperationName): string | undefined {
  const { path, action } = operationOf(name);
  if (!path.includes('{id}') || action === null) return undefined;
  if (path.startsWith('/api/services/')) return SECRET;
  return theirs[accessActionOf(action).on.toLowerCase()];
}
/** Things of which there is none here. */
const absent = (name: OperationName) => operationOf(name).path.startsWith('/api/backtests/');
const aimed = guarded.filter((name) => idIn(name) !== undefined);

const tables = () =>
  Promise.all(
    [schema.alert, schema.decision, schema.service, schema.serviceKey].map((table) => server.db.select().from(table as never)),
  );

describe('T19: things of another team', () => {
  it.each(aimed)('%s: their id is no id', async (name) => {
    const before = await tables();
    const [body, query] = [bodies[name], queries[name]];
    const input: CallInput = { params: { id: idIn(name) ?? '' }, ...(body ? { body } : {}), ...(query ? { query } : {}) };
    const theirsAnswer = await outsider.call(name, input);
    const noneAnswer = await outsider.call(name, { ...input, params: { id: 'none' } });
    expect([name, theirsAnswer.status]).toEqual([name, 404]);
    const { requestId: _a, ...seen } = theirsAnswer.body;
    const { requestId: _b, ...none } = noneAnswer.body;
    expect(seen).toEqual(none);
    expect(await tables()).toEqual(before);
  });

  it('as the service in a body is no service', async () => {
    const subject = { type: 'actor', id: 'x' };
    const body = { service: SECRET, action: 'block', subject, durationSeconds: 60, reason: 'x' };
    expect((await outsider.call('decide', { body })).status).toBe(404);
    const alertId = theirs['alert'] ?? '';
    expect((await outsider.call('decide', { body: { ...body, service: 'shop', alertId } })).status).toBe(404);
    expect((await outsider.call('createService', { body: { id: 'spy', team: 'bank' } })).status).toBe(404);
    expect((await outsider.call('createService', { body: { id: 'stall', team: 'sales' } })).status).toBe(201);
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

  it('are in no list, count, series or search', async () => {
    const reads: [OperationName, Record<string, string>][] = [
      ['alerts', {}],
      ['alerts', { service: SECRET }],
      ['alerts', { subject: SECRET }],
      ['decisions', {}],
      ['decisions', { service: SECRET, mode: 'pending' }],
      ['services', {}],
      ['overview', {}],
      ['search', { text: SECRET }],
    ];
    for (const [name, query] of reads) {
      const [mine, own] = [await outsider.call(name, { query }), await insider.call(name, { query })];
      expect([name, mine.status]).toEqual([name, 200]);
      expect(mine.text).not.toContain(SECRET);
      expect([name, own.text.includes(SECRET)]).toEqual([name, true]);
    }
    const { body } = await outsider.call('overview');
    expect(body).toMatchObject({ openAlerts: 0, pending: 0 });
    const sum = async (visitor: Visitor, query: Record<string, string> = {}) => {
      const points = (await visitor.call('traffic', { query })).body['points'] as { requests: number }[] | undefined;
      return points?.reduce((total, { requests }) => total + requests, 0);
    };
    expect([await sum(insider), await sum(outsider)]).toEqual([77, 0]);
  });

  it.each<[OperationName, Record<string, string>]>([
    ['traffic', {}],
    ['usualTraffic', {}],
    ['backtests', {}],
    ['history', {}],
    ['searchRequests', {}],
    ['histogram', {}],
    ['contacts', {}],
    ['exportRequests', {}],
    ['neighbours', { ts: String(T0) }],
  ])('%s of their service answers as of a service that is not there', async (name, query) => {
    const params = operationOf(name).params ? { params: { id: 'log-1' } } : {};
    const ask = async (service: string) => {
      const { status, body } = await outsider.call(name, { ...params, query: { ...query, service } });
      const { requestId: _, ...told } = body;
      return [status, told];
    };
    const theirsAnswer = await ask(SECRET);
    expect(theirsAnswer).toEqual([404, expect.objectContaining({ code: 'not-found' })]);
    expect(theirsAnswer).toEqual(await ask('nowhere'));
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

describe('T20: every operation as every persona', () => {
  const may: Record<string, (action: AccessActionName) => boolean> = {
    viewer: (action) => ['own', 'read'].includes(accessActionOf(action).kind),
    analyst: (action) => ['own', 'read', 'operate'].includes(accessActionOf(action).kind),
    owner: () => true,
  };
  it.each(['viewer', 'analyst', 'owner'] as const)(
    '%s',
    async (role) => {
      const visitor = await server.signIn(role);
      for (const name of guarded.filter((each) => each !== 'signOut' && each !== 'endSessions')) {
        const { action, params } = operationOf(name);
        if (action === null) continue;
        const id = idIn(name) ?? 'none';
        const body = bodies[name] === undefined ? {} : { body: bodies[name] };
        const { status } = await visitor.call(name, { ...(params ? { params: { id } } : {}), ...body });
        if (may[role]?.(action)) expect([role, name, status]).not.toEqual([role, name, 403]);
        // What needs a body and got none is refused before the policy is asked; of what is not there nothing is asked.
        else expect([name, [403, 400, ...(absent(name) ? [404] : [])].includes(status)]).toEqual([name, true]);
      }
    },
    120_000,
  );
});
