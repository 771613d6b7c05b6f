/** Working through alerts over the API: what is refused, what is written down, and what other pages hear. */
import type { Alert } from '@plimsoll/contracts';
import { resolveAlert, schema, subscribeLive } from '@plimsoll/storage';
import { desc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Answer, type Visitor } from '../../../../test/setup/admin-server.js';
import { insertAlert, insertService } from '../../../../test/setup/records.js';

let server: AdminServer;
let ada: Visitor;
let bob: Visitor;
const told: Alert[] = [];
beforeAll(async () => {
  server = await AdminServer.start();
  await insertService(server.db);
  [ada, bob] = [await server.signIn('owner', 'Ada'), await server.signIn('analyst', 'Bob')];
  const { subscriber, env } = server.context;
  await subscribeLive(subscriber, env.PLIMSOLL_NAMESPACE, (message) => {
    if (message.type === 'alert') told.push(message.alert);
  });
});
afterAll(() => server?.close());

const triage = (act: object, alerts: { id: string; version?: number }[], who = bob) =>
  who.call('triage', { body: { act, alerts } });
const resultsOf = (answer: Answer) => answer.body['results'] as { type: string; id: string; alert?: Alert }[];
const fieldsOf = (answer: Answer) => (answer.body['errors'] as { field: string }[]).map(({ field }) => field);
const lastDeed = async () => (await server.db.select().from(schema.audit).orderBy(desc(schema.audit.id)).limit(1))[0];

describe('one call for many alerts', () => {
  it('answers with a result for each, tells every page, and is one line of the audit', async () => {
    const ids = await Promise.all([1, 2, 3].map(() => insertAlert(server.db)));
    await bob.call('resolve', { params: { id: ids[2]! }, body: { verdict: 'true-positive' } });
    const answer = await triage({ type: 'acknowledge', note: 'one campaign' }, [
      ...ids.map((id) => ({ id })),
      { id: 'alt_none' },
    ]);
    expect(resultsOf(answer).map(({ type }) => type)).toEqual(['changed', 'changed', 'unchanged', 'missing']);
    expect(await lastDeed()).toMatchObject({
      action: 'alert.acknowledge',
      detail: { note: 'one campaign', alerts: ids.slice(0, 2) },
    });
    await expect
      .poll(() =>
        told
          .filter(({ state }) => state === 'acknowledged')
          .map(({ id }) => id)
          .sort(),
      )
      .toEqual(ids.slice(0, 2).sort());
  });

  it('is taken back only where nothing happened since', async () => {
    const ids = await Promise.all([1, 2].map(() => insertAlert(server.db)));
    const done = resultsOf(
      await triage(
        { type: 'snooze', until: server.now() + 60_000, differs: false },
        ids.map((id) => ({ id })),
      ),
    );
    await triage({ type: 'assign', assignee: ada.person.id }, [{ id: ids[0]! }], ada);
    const targets = done.map(({ id, alert }) => ({ id, version: alert!.version }));
    expect(resultsOf(await triage({ type: 'undo' }, targets)).map(({ type }) => type)).toEqual(['conflict', 'changed']);
  });

  it('names what the caller may see and not change, and works on the rest', async () => {
    const text = 'forbid (principal, action == Action::"alert.resolve", resource) when { resource.severity == "critical" };';
    const { body: policy } = await ada.call('createAccessPolicy', { body: { name: 'Critical ones are the lead’s', text } });
    const [grave, plain] = [await insertAlert(server.db, { severity: 'critical' }), await insertAlert(server.db)];
    const act = { type: 'resolve', verdict: 'true-positive' };
    const answer = await triage(act, [{ id: grave }, { id: plain }]);
    expect(answer.status).toBe(200);
    expect(resultsOf(answer)).toMatchObject([
      { type: 'denied', id: grave },
      { type: 'changed', id: plain },
    ]);
    expect((await triage(act, [{ id: grave }])).status).toBe(403);
    expect((await bob.call('alert', { params: { id: grave } })).body['alert']).toMatchObject({ state: 'open' });
    // To take a verdict back is as grave as to give it.
    const verdict = { by: ada.person, verdict: 'true-positive', now: server.now() } as const;
    await server.db.transaction((tx) => resolveAlert(tx, grave, verdict));
    const undo = () => triage({ type: 'undo' }, [{ id: grave, version: 1 }]);
    expect((await undo()).status).toBe(403);
    const refusals = server.db.select().from(schema.audit).where(eq(schema.audit.action, 'access.denied'));
    await expect.poll(async () => (await refusals).length).toBe(3);
    await ada.call('deleteAccessPolicy', { params: { id: String(policy['id']) } });
    expect(resultsOf(await undo())).toMatchObject([{ type: 'changed', alert: { state: 'open' } }]);
  });

  const id = 'alt_x';
  it.each<[string, unknown, string]>([
    ['no alert', { act: { type: 'reopen' }, alerts: [] }, 'body.alerts'],
    [
      'more than 200',
      { act: { type: 'reopen' }, alerts: Array.from({ length: 201 }, (_, i) => ({ id: `a${i}` })) },
      'body.alerts',
    ],
    ['one twice', { act: { type: 'reopen' }, alerts: [{ id }, { id }] }, 'body.alerts'],
    ['a snooze without an end', { act: { type: 'snooze', differs: false }, alerts: [{ id }] }, 'body.act'],
    ['an undo of no version', { act: { type: 'undo' }, alerts: [{ id }] }, 'body.alerts.0.version'],
    ['an act that is none', { act: { type: 'delete' }, alerts: [{ id }] }, 'body.act.type'],
    ['an end in the past', { act: { type: 'acknowledge', until: 5 }, alerts: [{ id }] }, 'body.until'],
    ['nobody as the assignee', { act: { type: 'assign', assignee: 'per_none' }, alerts: [{ id }] }, 'body.act.assignee'],
  ])('refuses %s', async (_, body, field) => {
    const answer = await bob.call('triage', { body });
    expect([answer.status, fieldsOf(answer)]).toEqual([400, [field]]);
  });
});

describe('one alert', () => {
  it('is acknowledged until a time, and tells who and why', async () => {
    const id = await insertAlert(server.db);
    const until = server.now() + 60_000;
    const answer = await bob.call('acknowledge', { params: { id }, body: { note: 'until the deploy', until } });
    expect(answer.body).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'Bob', note: 'until the deploy', until });
    const history = await ada.call('alertHistory', { params: { id } });
    expect(history.body['items']).toMatchObject([{ type: 'acknowledge', by: 'Bob', note: 'until the deploy', until }]);
    await bob.call('resolve', { params: { id }, body: { verdict: 'true-positive' } });
    expect((await bob.call('acknowledge', { params: { id }, body: {} })).status).toBe(409);
  });

  it('is commented with mentions of members, and found by whom they mention', async () => {
    const id = await insertAlert(server.db);
    const strange = await bob.call('comment', { params: { id }, body: { text: 'x', mentions: ['per_none'] } });
    expect([strange.status, fieldsOf(strange)]).toEqual([400, ['body.mentions']]);
    const said = await bob.call('comment', { params: { id }, body: { text: 'Is this yours?', mentions: [ada.person.id] } });
    expect([said.status, said.body]).toMatchObject([201, { by: 'Bob', note: 'Is this yours?', mentions: ['Ada'] }]);
    const idsOf = (answer: Answer) => (answer.body['items'] as Alert[]).map((alert) => alert.id);
    expect(idsOf(await ada.call('alerts', { query: { mentioned: 'true' } }))).toEqual([id]);
    expect(idsOf(await bob.call('alerts', { query: { mentioned: 'true' } }))).toEqual([]);
    const unanswered = () => ada.call('alerts', { query: { mentioned: 'unanswered' } });
    expect(idsOf(await unanswered())).toEqual([id]);
    await bob.call('comment', { params: { id }, body: { text: 'Anybody?' } });
    expect(idsOf(await unanswered())).toEqual([id]);
    server.advance(1_000);
    await ada.call('comment', { params: { id }, body: { text: 'Mine.' } });
    expect(idsOf(await unanswered())).toEqual([]);
    server.advance(1_000);
    await bob.call('comment', { params: { id }, body: { text: 'Sure?', mentions: [ada.person.id] } });
    expect(idsOf(await unanswered())).toEqual([id]);
    expect((await lastDeed())?.detail).not.toHaveProperty('text');
  });

  it('is given to oneself, and listed as one’s own', async () => {
    const id = await insertAlert(server.db);
    await triage({ type: 'assign', assignee: bob.person.id }, [{ id }]);
    const own = (await bob.call('alerts', { query: { assignee: 'me' } })).body['items'] as Alert[];
    expect(own.map((alert) => [alert.id, alert.assignee])).toEqual([[id, { id: bob.person.id, name: 'Bob' }]]);
  });
});

describe('roles', () => {
  it('let a viewer read and keep views, and change nothing', async () => {
    const viewer = await server.signIn('viewer', 'Vic');
    const id = await insertAlert(server.db);
    expect((await triage({ type: 'reopen' }, [{ id }], viewer)).status).toBe(403);
    expect((await viewer.call('comment', { params: { id }, body: { text: 'x' } })).status).toBe(403);
    expect((await viewer.call('alertHistory', { params: { id } })).status).toBe(200);
    expect((await viewer.call('saveView', { body: { name: 'v', search: '?' } })).status).toBe(201);
    expect((await viewer.call('markSeen', { body: { alerts: [id] } })).body).toEqual({ upTo: 0, ids: [id] });
  });

  it('do not let anybody remove another’s view', async () => {
    const { body } = await ada.call('saveView', { body: { name: 'Mine', shared: true, search: '?kind=rate' } });
    const params = { id: String(body['id']) };
    expect((await bob.call('savedViews')).body['items']).toContainEqual(body);
    expect((await bob.call('removeView', { params })).status).toBe(404);
    expect((await ada.call('removeView', { params })).status).toBe(200);
  });
});

describe('counts', () => {
  it('follow every change', async () => {
    await server.db.delete(schema.alert);
    const ids = await Promise.all([1, 2, 3].map(() => insertAlert(server.db)));
    const counts = async () => (await bob.call('alertCounts')).body;
    expect(await counts()).toEqual({ open: 3, acknowledged: 0, snoozed: 0 });
    await triage({ type: 'acknowledge' }, [{ id: ids[0]! }]);
    await triage({ type: 'snooze', differs: true }, [{ id: ids[1]! }]);
    expect(await counts()).toEqual({ open: 1, acknowledged: 1, snoozed: 1 });
    await triage({ type: 'resolve', verdict: 'true-positive' }, [{ id: ids[1]! }]);
    await server.db.delete(schema.alert).where(eq(schema.alert.id, ids[2]!));
    expect(await counts()).toEqual({ open: 0, acknowledged: 1, snoozed: 0 });
  });
});
