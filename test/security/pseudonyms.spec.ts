/**
 * What a pseudonym must not tell (T22): whom it stands for, to who may not know ids, names actors by guesses in a body instead of a
 * search, and reads the answer; to who looks for a pseudonym and reads the rows that an export finds; and to who reads paths in
 * which the id is percent-encoded.
 */
import type { OperationName } from '@plimsoll/contracts';
import { readAudit } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Answer, type Visitor } from '../setup/admin-server.js';
import { ENGINE_WITHIN_MS, keepLogs, type OwnHistory, ownHistory } from '../setup/history.js';
import { insertAlert, insertAlertRequest, insertService } from '../setup/records.js';

/** As identity providers name users: not as it is in a path. */
const ACTOR = 'auth0|mallory-7f3';
const ENCODED = encodeURIComponent(ACTOR);
const ENDPOINT = `GET /users/${ENCODED}`;

let server: AdminServer;
let history: OwnHistory;
let owner: Visitor;
let viewer: Visitor;
let alertId: string;
let otherId: string;
let name: string;
beforeAll(async () => {
  history = await ownHistory();
  server = await AdminServer.start({ env: { CLICKHOUSE_URL: history.readerUrl } });
  await insertService(server.db);
  [owner, viewer] = [await server.signIn('owner', 'Ada'), await server.signIn('viewer', 'Vic')];
  alertId = await insertAlert(server.db, { subjectId: ACTOR, endpoint: ENDPOINT, explanation: `${ACTOR}: 90 of ${ENDPOINT}` });
  otherId = await insertAlert(server.db, { subjectType: 'address', subjectId: '192.0.2.7' });
  await insertAlertRequest(server.db, alertId, { path: `/users/${ENCODED}/orders`, actor: ACTOR });
  await keepLogs(history.history, 'shop', [
    {
      ...{ id: 'log-1', ts: server.now() - 60_000, method: 'GET', path: `/users/${ENCODED}`, status: 200, durationMs: 1 },
      ...{ bytesIn: 0, bytesOut: 1, ip: '192.0.2.1', userAgent: 'agent', actor: ACTOR, authenticated: true },
      ...{ verdict: 'allow', timing: 'live' },
    },
  ]);
  await owner.call('setPseudonyms', { body: { on: true } });
  name = ((await viewer.call('alert', { params: { id: alertId } })).body['alert'] as { subject: { id: string } }).subject.id;
}, ENGINE_WITHIN_MS);
afterAll(async () => {
  await server?.close();
  await history?.drop();
});

/** Neither as it is nor as a URL has it. */
const expectHidden = ({ text }: Answer) => expect(text).not.toMatch(/mallory-7f3/);

describe('an id that is percent-encoded', () => {
  it('is hidden in paths, names of endpoints and explanations beside its pseudonym', async () => {
    const alert = await viewer.call('alert', { params: { id: alertId } });
    const requests = await viewer.call('searchRequests', { query: { service: 'shop' } });
    const file = await owner.call('exportRequests', { query: { service: 'shop' } });
    for (const answer of [alert, requests, file]) {
      expect([answer.status, answer.text.includes(name)]).toEqual([200, true]);
      expectHidden(answer);
    }
  });

  it('comes back in the name of an endpoint as it was: a filter finds it, an order holds it', async () => {
    const { body } = await viewer.call('alert', { params: { id: alertId } });
    const { endpoint, subject } = body['alert'] as { endpoint: string; subject: { id: string } };
    const found = await viewer.call('searchRequests', { query: { service: 'shop', endpoint } });
    expect([found.status, found.body['items']]).toEqual([200, [expect.objectContaining({ id: 'log-1' })]]);
    const order = { service: 'shop', action: 'block', subject, durationSeconds: 60, reason: 'looked at it' };
    const made = await owner.call('decide', { body: { ...order, endpoint } });
    expect([made.status, made.body['endpoint']]).toEqual([201, endpoint]);
    const [held] = (await server.db.query.decision.findMany()).filter(({ id }) => id === made.body['id']);
    expect(held).toMatchObject({ subjectId: ACTOR, endpoint: ENDPOINT });
  });
});

describe('who may not know ids', () => {
  const draft = (id: string) => ({ type: 'decision', action: 'block', subject: { type: 'actor', id } });
  const groups = (...actors: string[]) => ({ groups: [{ name: 'guessed', actors }] });
  const named: [OperationName, (id: string) => object, number][] = [
    ['harmPreview', (id) => ({ service: 'shop', would: draft(id) }), 200],
    ['createBacktest', (id) => ({ service: 'shop', days: 1, settings: groups(id) }), 201],
    ['updateService', (id) => ({ settings: groups(name, id) }), 200],
    [
      'decide',
      (id) => ({ service: 'shop', action: 'block', subject: { type: 'actor', id }, durationSeconds: 60, reason: 'guessed' }),
      201,
    ],
    ['eraseActor', (actor) => ({ actor, reason: 'guessed' }), 201],
  ];
  const call = (who: Visitor, operation: OperationName, body: object) => who.call(operation, { params: { id: 'shop' }, body });

  beforeAll(async () => {
    const text = 'forbid (principal, action == Action::"actor.reveal", resource);';
    expect((await owner.call('createAccessPolicy', { body: { name: 'Nobody reveals', text } })).status).toBe(201);
  });

  it.each(named)('names nobody by an id in %s, and does nothing; by a pseudonym it works', async (operation, body, status) => {
    for (const id of ['auth0|mallory-7f3', 'auth0|mall*', 'user-17']) {
      const refused = await call(owner, operation, body(id));
      expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('the body may name them by those alone')]);
      expect(refused.text).not.toMatch(/anon_|mall/);
    }
    const [row] = await readAudit(server.db, {}, { limit: 1 });
    expect(row).toMatchObject({ action: 'access.denied', object: operation, detail: { action: 'actor.reveal' } });
    const answer = await call(owner, operation, body(name));
    expect(answer.status).toBe(status);
    expectHidden(answer);
  });

  it('spells none out by the beginnings of names of endpoints, in which one may stand; whole ones can be asked for', async () => {
    for (const operation of ['alerts', 'search', 'searchRequests'] as const) {
      const query =
        operation === 'searchRequests' ? { service: 'shop', path: '/users/auth0%7Cm' } : { text: 'GET /users/auth0%7Cm' };
      expect((await viewer.call(operation, { query })).status).toBe(403);
    }
    expect((await viewer.call('alerts', { query: { endpoint: 'GET /products' } })).status).toBe(200);
  });

  it('nor as a viewer, who only looks; addresses are nobody’s id', async () => {
    expect((await call(viewer, 'harmPreview', { service: 'shop', would: draft(ACTOR) })).status).toBe(403);
    const would = { ...draft(''), subject: { type: 'address', id: '192.0.2.1' } };
    expect((await call(viewer, 'harmPreview', { service: 'shop', would })).status).toBe(200);
  });
});

describe('the export of the audit', () => {
  it('does not tell by its rows whom the pseudonym names that was looked for', async () => {
    await owner.call('acknowledge', { params: { id: otherId }, body: { note: `ask ${ACTOR} about it` } });
    for (const read of ['audit', 'exportAudit'] as const) {
      const answer = await owner.call(read, { query: { text: name } });
      expect([answer.status, answer.text.includes(`ask ${name} about it`)]).toEqual([200, true]);
      expectHidden(answer);
    }
  });
});
