/**
 * Actors under pseudonyms (ASVS 14.2.6): once they are on, no answer of any operation, no event of the socket and no export
 * shows an id; a pseudonym works wherever an id does; who reveals one leaves a row; and nobody spells ids out by searching.
 */
import { adminApi, type Operation, type OperationName } from '@plimsoll/contracts';
import { namedAudit, privacySchema, publishLive, readAudit, schema } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type CallInput, type Visitor } from '../setup/admin-server.js';
import { ENGINE_WITHIN_MS, keepLogs, type OwnHistory, ownHistory } from '../setup/history.js';
import { listen } from '../setup/listener.js';
import { insertAlert, insertAlertRequest, insertService } from '../setup/records.js';

/** An id that no other text of the product could hold. */
const ACTOR = 'mallory-7f3';
const PSEUDONYM = /^anon_[\w-]{16}$/;

let server: AdminServer;
let history: OwnHistory;
let owner: Visitor;
let analyst: Visitor;
let viewer: Visitor;
let alertId: string;
let otherId: string;
let loggedAt: number;
let name: string;
beforeAll(async () => {
  history = await ownHistory();
  server = await AdminServer.start({ env: { CLICKHOUSE_URL: history.readerUrl } });
  await insertService(server.db);
  owner = await server.signIn('owner', 'Ada');
  analyst = await server.signIn('analyst', 'Bob');
  viewer = await server.signIn('viewer', 'Vic');
  alertId = await insertAlert(server.db, {
    subjectId: ACTOR,
    explanation: `${ACTOR} made 90 requests a minute, far more than 12.`,
    endpoint: `GET /users/${ACTOR}`,
    actors: { items: [ACTOR, 'bystander-1'], total: 2 },
  });
  await insertAlert(server.db, { subjectId: `${ACTOR}x` });
  otherId = await insertAlert(server.db, { subjectType: 'address', subjectId: '192.0.2.7' });
  await insertAlertRequest(server.db, alertId, { path: `/users/${ACTOR}/orders`, actor: ACTOR });
  loggedAt = server.now() - 60_000;
  await keepLogs(history.history, 'shop', [
    {
      ...{ id: 'log-1', ts: loggedAt, method: 'GET', path: `/users/${ACTOR}`, status: 200, durationMs: 1 },
      ...{ bytesIn: 0, bytesOut: 1, ip: '192.0.2.1', userAgent: 'agent', actor: ACTOR, authenticated: true },
      ...{ verdict: 'allow', timing: 'live' },
    },
  ]);
  const order = { action: 'throttle', rate: { limit: 1, windowSeconds: 60 }, durationSeconds: 600, reason: `${ACTOR} again` };
  await owner.call('decide', { body: { service: 'shop', subject: { type: 'actor', id: ACTOR }, ...order } });
  await owner.call('updateService', { params: { id: 'shop' }, body: { settings: { allow: { actors: [ACTOR] } } } });
  expect((await owner.call('setPseudonyms', { body: { on: true } })).body).toEqual({ pseudonyms: true });
  name = ((await viewer.call('alert', { params: { id: alertId } })).body['alert'] as { subject: { id: string } }).subject.id;
}, ENGINE_WITHIN_MS);
afterAll(async () => {
  await server?.close();
  await history?.drop();
});

describe('with pseudonyms on', () => {
  it('an alert is the same but for its names', async () => {
    const { status, body, text } = await viewer.call('alert', { params: { id: alertId } });
    expect([status, name]).toEqual([200, expect.stringMatching(PSEUDONYM)]);
    expect(body['alert']).toMatchObject({
      subject: { type: 'actor', id: name },
      explanation: `${name} made 90 requests a minute, far more than 12.`,
      endpoint: `GET /users/${name}`,
    });
    expect(text).not.toContain(ACTOR);
  });

  const reads = (Object.keys(adminApi) as OperationName[]).filter((each) => {
    const { method, open, path }: Operation = adminApi[each];
    return method === 'GET' && !open && path !== '/api/privacy';
  });
  /** Of what there is, by the part of a path before it. */
  const ids: Record<string, string> = { services: 'shop', history: 'log-1' };
  beforeAll(async () => {
    const idOf = async (operation: OperationName, body: object) => String((await owner.call(operation, { body })).body['id']);
    const text = 'forbid (principal, action == Action::"decision.make", resource) when { principal.role == "viewer" };';
    Object.assign(ids, {
      ...{ alerts: alertId, members: owner.person.id },
      backtests: await idOf('createBacktest', { service: 'shop', days: 1 }),
      'access-policies': await idOf('createAccessPolicy', { name: 'Not for viewers', text }),
    });
  });
  it.each(reads)('%s shows no id', async (operation) => {
    const { path, query }: Operation = adminApi[operation];
    const [, , place = ''] = path.split('/');
    const id = ids[place] ?? 'none';
    const asked: Record<string, string> = {};
    for (const [field, value] of [
      ['service', 'shop'],
      ['ts', String(loggedAt)],
      ['text', name],
      ['type', 'actor'],
      ['alerts', alertId],
    ] as const) {
      if (query && field in query.shape) asked[field] = value;
    }
    if (operation === 'outlook') asked['subject'] = name;
    if (operation === 'endpointBaseline') asked['endpoint'] = `GET /users/${name}`;
    const answer = await owner.call(operation, { params: { id }, query: asked });
    expect(answer.text).not.toContain(ACTOR);
    expect(answer.text).not.toContain('bystander-1');
    expect(answer.status).toBe(200);
  });

  it('the export of requests and of the audit show none', async () => {
    const requests = await owner.call('exportRequests', { query: { service: 'shop' } });
    expect([requests.status, requests.text.includes(name), requests.text.includes(ACTOR)]).toEqual([200, true, false]);
    const audit = await owner.call('exportAudit');
    expect([audit.status, audit.text.includes(name), audit.text.includes(ACTOR)]).toEqual([200, true, false]);
  });

  it('an export writes down that a text, a path or an endpoint was asked for, not whom it names', async () => {
    const query = { service: 'shop', path: `/users/${ACTOR}` };
    expect((await owner.call('exportRequests', { query })).text).toContain(name);
    const endpoint = `GET /users/${name}`;
    expect((await owner.call('exportRequests', { query: { service: 'shop', endpoint } })).status).toBe(200);
    expect((await owner.call('exportAudit', { query: { text: ACTOR } })).status).toBe(200);
    const rows = await readAudit(server.db, {}, { limit: 3 });
    expect(rows.map(({ detail }) => detail)).toMatchObject([
      { filter: { text: 'given' } },
      { endpoint: 'given' },
      { path: 'given' },
    ]);
    expect(JSON.stringify(rows)).not.toContain(ACTOR);
  });

  it('the socket brings none, in the order in which things happened', async () => {
    const listener = await listen(server, viewer);
    const [alert] = await server.db.select().from(schema.alert);
    const { body } = await owner.call('alert', { params: { id: alertId } });
    const message = { ...(body['alert'] as object), subject: { type: 'actor', id: ACTOR }, explanation: `by ${ACTOR}` };
    await publishLive(server.context.redis, server.context.env.PLIMSOLL_NAMESPACE, { type: 'alert', alert: message as never });
    const made = await owner.call('decide', {
      body: {
        service: 'shop',
        action: 'block',
        subject: { type: 'actor', id: 'other-9' },
        durationSeconds: 60,
        reason: 'other-9 too',
      },
    });
    await expect.poll(() => listener.events.length).toBeGreaterThanOrEqual(2);
    listener.close();
    const told = JSON.stringify(listener.events);
    expect([made.status, alert?.subjectId]).toEqual([201, ACTOR]);
    expect(told).toContain(`by ${name}`);
    expect(told).not.toMatch(new RegExp(`${ACTOR}|other-9`));
  });

  it('a pseudonym stands for its actor in filters and orders', async () => {
    const list = await viewer.call('alerts', { query: { subject: name } });
    expect((list.body['items'] as { id: string }[]).map(({ id }) => id)).toEqual([alertId]);
    const exact = await viewer.call('alerts', { query: { subjectType: 'actor', subjectId: name } });
    expect(exact.body['items']).toEqual(list.body['items']);
    expect((await viewer.call('alerts', { query: { text: name } })).body['items']).toEqual(list.body['items']);
    const found = (await viewer.call('search', { query: { text: name } })).body['items'] as { id: string }[];
    expect(found.map(({ id }) => id)).toEqual([name]);
    const kept = await viewer.call('searchRequests', { query: { service: 'shop', actor: name } });
    expect(kept.body['items']).toHaveLength(1);
    await owner.call('updateService', { params: { id: 'shop' }, body: { settings: { allow: { actors: [] } } } });
    const body = {
      service: 'shop',
      action: 'block',
      subject: { type: 'actor', id: name },
      durationSeconds: 60,
      reason: `I looked at ${name}`,
    };
    const made = await analyst.call('decide', { body });
    expect([made.status, made.text.includes(ACTOR)]).toEqual([201, false]);
    const [row] = (await server.db.select().from(schema.decision)).filter(({ id }) => id === made.body['id']);
    const held = (await viewer.call('decisions', { query: { subject: name } })).body['items'] as { id: string }[];
    expect(held.map(({ id }) => id)).toEqual([made.body['id']]);
    // What a person writes is kept as it was written.
    expect(row).toMatchObject({ subjectId: ACTOR, reason: `I looked at ${name}` });
  });

  const written: [string, OperationName, (text: string) => CallInput][] = [
    ['a view', 'saveView', (text) => ({ body: { name: text, search: text } })],
    ['a comment', 'comment', (text) => ({ params: { id: otherId }, body: { text } })],
    ['a note', 'acknowledge', (text) => ({ params: { id: otherId }, body: { note: text } })],
    ['a member', 'invite', (text) => ({ body: { name: text, role: 'viewer' } })],
    ['a key', 'createKey', (text) => ({ params: { id: 'shop' }, body: { name: text } })],
    [
      'an access policy',
      'createAccessPolicy',
      (text) => ({ body: { name: text, text: 'forbid (principal, action, resource) when { false };' } }),
    ],
    ['a reason', 'decide', (text) => ({ body: order({ type: 'address', id: '192.0.2.9' }, text) })],
    [
      'an endpoint',
      'decide',
      (text) => ({ body: { ...order({ type: 'address', id: '192.0.2.8' }), endpoint: `GET /users/${text}` } }),
    ],
    ['a credential', 'decide', (text) => ({ body: order({ type: 'credential', id: text }) })],
  ];
  const order = (subject: object, reason = 'looked at it') => ({
    ...{ service: 'shop', action: 'block', subject, durationSeconds: 60, reason },
  });
  it.each(written)('%s that is called like a pseudonym stays so, in the answer and in the audit', async (_, operation, input) => {
    const [before] = await readAudit(server.db, {}, { limit: 1 });
    const answer = await owner.call(operation, input(name));
    expect([answer.status, answer.text]).toEqual([expect.toBeOneOf([200, 201]), expect.not.stringContaining(ACTOR)]);
    const rows = (await namedAudit(server.db, await readAudit(server.db, {}, { limit: 20 }))).filter(({ id }) => id > before!.id);
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(ACTOR);
  });

  it('who orders what the allow-list forbids is not told whom it lists', async () => {
    const allow = (actors: string[]) =>
      owner.call('updateService', { params: { id: 'shop' }, body: { settings: { allow: { actors } } } });
    await allow([ACTOR]);
    const { status, text } = await analyst.call('decide', { body: order({ type: 'actor', id: name }) });
    await allow([]);
    expect([status, text]).toEqual([409, expect.stringContaining('allow-list')]);
    expect(text).not.toContain(ACTOR);
  });

  it('settings come back as they were when a page saves what it was shown', async () => {
    await owner.call('updateService', {
      params: { id: 'shop' },
      body: { settings: { groups: [{ name: 'staff', actors: [ACTOR] }] } },
    });
    const shown = (await owner.call('services')).body['items'] as { settings: { groups: { actors: string[] }[] } }[];
    expect(shown[0]?.settings.groups[0]?.actors).toEqual([name]);
    await owner.call('updateService', { params: { id: 'shop' }, body: { settings: { groups: shown[0]?.settings.groups } } });
    const [stored] = await server.db.select().from(schema.service);
    expect(stored?.settings.groups[0]?.actors).toEqual([ACTOR]);
  });

  it('nobody spells an id out by searching who may not know it', async () => {
    for (const query of [{ subject: 'mal' }, { text: 'mall' }, { subject: ACTOR }, { subjectId: ACTOR }]) {
      expect((await viewer.call('alerts', { query })).status).toBe(403);
      expect((await analyst.call('alerts', { query })).status).toBe(200);
    }
    expect((await viewer.call('searchRequests', { query: { service: 'shop', actor: ACTOR } })).status).toBe(403);
    for (const query of [{ subject: '192.0.2.1' }, { subjectType: 'credential', subjectId: 'key-1' }])
      expect((await viewer.call('alerts', { query })).status).toBe(200);
  });
});

describe('revealing', () => {
  it('needs a reason, and leaves a row that names the actor by its reference', async () => {
    expect((await analyst.call('revealActor', { body: { pseudonym: name } })).status).toBe(400);
    const answer = await analyst.call('revealActor', { body: { pseudonym: name, reason: 'the shop asked who it is' } });
    expect(answer.body).toEqual({ id: ACTOR });
    const [row] = await readAudit(server.db, { action: 'actor.reveal' }, { limit: 1 });
    expect(row).toMatchObject({ personId: analyst.person.id, object: name, reason: 'the shop asked who it is' });
    expect(JSON.stringify(row)).not.toContain(ACTOR);
    expect((await namedAudit(server.db, [row!]))[0]?.parties).toEqual([{ type: 'actor', id: ACTOR }]);
  });

  it('is refused to a viewer, where a policy forbids it, of nobody, and without end', async () => {
    const body = { pseudonym: name, reason: 'curious' };
    expect((await viewer.call('revealActor', { body })).status).toBe(403);
    expect((await analyst.call('revealActor', { body: { ...body, pseudonym: 'anon_0123456789abcdef' } })).status).toBe(404);
    const answers = await Promise.all(Array.from({ length: 62 }, () => owner.call('revealActor', { body })));
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(2);
  });
});

describe('the key', () => {
  it('lies sealed in the database, and another process gives the same names', async () => {
    const other = await AdminServer.start({ shared: server, env: { CLICKHOUSE_URL: history.readerUrl } });
    try {
      const { body } = await other.call('alert', { params: { id: alertId } }, viewer);
      expect((body['alert'] as { subject: { id: string } }).subject.id).toBe(name);
    } finally {
      await other.close();
    }
  });

  it('of another installation gives others', async () => {
    const apart = await AdminServer.start();
    try {
      await insertService(apart.db);
      const person = await apart.signIn();
      const id = await insertAlert(apart.db, { subjectId: ACTOR });
      await person.call('setPseudonyms', { body: { on: true } });
      const shown = (await person.call('alert', { params: { id } })).body['alert'] as { subject: { id: string } };
      expect(shown.subject.id).toMatch(PSEUDONYM);
      expect(shown.subject.id).not.toBe(name);
    } finally {
      await apart.close();
    }
  });

  it('switched off, ids are shown again, and both changes are in the audit', async () => {
    expect((await analyst.call('setPseudonyms', { body: { on: false } })).status).toBe(403);
    await owner.call('setPseudonyms', { body: { on: false } });
    expect((await viewer.call('alert', { params: { id: alertId } })).text).toContain(ACTOR);
    const rows = await readAudit(server.db, { action: 'privacy.set' }, { limit: 10 });
    expect(rows.map(({ detail }) => detail)).toEqual([{ on: false }, { on: true }]);
    const known = await server.db.select().from(privacySchema.pseudonym);
    expect(known.map(({ actor }) => actor)).toContain(ACTOR);
  });
});
