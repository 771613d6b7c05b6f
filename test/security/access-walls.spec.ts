/**
 * The wall between teams (T19 of the attack list) and the inventory of roles (T20), against the running server: a person of
 * one team names every thing of another in every operation, reads every list, and listens.
 */
import { type AccessActionName, accessActionOf, adminApi, type Operation, type OperationName } from '@plimsoll/contracts';
import { createKey, createService, schema, setPersonAttributes } from '@plimsoll/storage';
import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type CallInput, type Visitor } from '../setup/admin-server.js';
import { Authenticator } from '../setup/authenticator.js';
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

describe('the wall is put up in the product', () => {
  const sales = { everyTeam: false, teams: ['sales'], services: [], groups: ['night'] };
  const nothing = { everyTeam: false, teams: [], services: [], groups: [] };
  const update = (by: Visitor, id: string, attributes: object, stepUp = true) =>
    by.call('updateMember', { params: { id }, body: { attributes }, stepUp });
  const seesTheirs = async (visitor: Visitor, by = server) =>
    (await by.call('alert', { params: { id: theirs['alert'] ?? '' } }, visitor)).status === 200;

  it('by an owner who proves presence: in every process and on open sockets without a new sign-in, and back', async () => {
    const other = await AdminServer.start({ shared: server });
    const mia = await server.signIn('analyst', 'Mia');
    const { id } = mia.person;
    try {
      const [heard, all] = [await listen(server, mia), await listen(server, insider)];
      expect([await seesTheirs(mia), await seesTheirs(mia, other)]).toEqual([true, true]);
      expect((await update(insider, id, sales, false)).body['code']).toBe('step-up-required');
      expect((await update(insider, id, sales)).body).toMatchObject({ sessions: 1, attributes: sales });
      expect(await seesTheirs(mia)).toBe(false);
      // Sooner than what the other process remembers of a session would have run out.
      await expect.poll(() => seesTheirs(mia, other), { timeout: 2_000 }).toBe(false);
      await insider.call('acknowledge', { params: { id: theirs['alert'] ?? '' }, body: {} });
      await insider.call('acknowledge', { params: { id: await insertAlert(server.db) }, body: {} });
      await expect.poll(() => all.events.length).toBe(2);
      await expect.poll(() => heard.events.length).toBe(1);
      expect(JSON.stringify(heard.events)).not.toContain(SECRET);
      expect(heard.socket.connected).toBe(true);
      expect((await update(insider, id, { ...nothing, everyTeam: true })).status).toBe(200);
      expect(await seesTheirs(mia)).toBe(true);
      heard.close();
      all.close();
    } finally {
      await other.close();
    }
    const changes = and(eq(schema.audit.action, 'member.update'), eq(schema.audit.object, id));
    const [row] = await server.db.select().from(schema.audit).where(changes).orderBy(schema.audit.id).limit(1);
    expect([row?.personId, row?.detail]).toEqual([
      insider.person.id,
      expect.objectContaining({
        before: expect.objectContaining({ attributes: { ...nothing, everyTeam: true } }),
        after: expect.objectContaining({ attributes: sales }),
      }),
    ]);
  });

  it('from the first sign-in on, where the invitation says so', async () => {
    const body = { name: 'Noa', role: 'viewer', attributes: sales };
    const invited = await insider.call('invite', { body });
    expect(invited.body['member']).toMatchObject({ attributes: sales });
    const token = String(invited.body['link']).split('#')[1];
    const noa = server.visitorOf(
      await server.call('signIn', { body: { token } }),
      new Authenticator(server.context.env.PUBLIC_URL.origin),
    );
    await server.enrol(noa);
    expect(await seesTheirs(noa)).toBe(false);
    expect((await noa.call('services')).text).not.toContain(SECRET);
    const made = and(eq(schema.audit.action, 'member.invite'), eq(schema.audit.object, noa.person.id));
    expect((await server.db.select().from(schema.audit).where(made))[0]?.detail).toMatchObject({ attributes: sales });
  });

  it('whole or not at all: what is left out grants nothing', async () => {
    const { id } = await server.signIn('viewer', 'Pia').then(({ person }) => person);
    for (const part of [{}, { teams: ['sales'] }, { everyTeam: false }, { ...sales, everyTeam: undefined }])
      expect((await update(insider, id, part)).status).toBe(400);
  });

  it('nobody takes it down from inside, and an owner of every team stays', async () => {
    const walled = await server.signIn('owner', 'Wim');
    await update(insider, walled.person.id, sales);
    expect((await update(walled, walled.person.id, { ...sales, everyTeam: true })).status).toBe(403);
    const { body } = await insider.call('members');
    const members = body['items'] as { id: string; role: string; attributes: { everyTeam: boolean } }[];
    const others = members.filter(
      ({ id, role, attributes }) => role === 'owner' && attributes.everyTeam && id !== insider.person.id,
    );
    for (const { id } of others) expect((await update(insider, id, sales)).status).toBe(200);
    expect((await update(insider, insider.person.id, sales)).status).toBe(409);
    expect((await insider.call('requireTwoPersons', { body: { on: true } })).status).toBe(409);
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
