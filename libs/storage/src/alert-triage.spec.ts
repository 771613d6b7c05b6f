import { type AlertEvent, type TriageAct, VERDICT_UNDO_MS } from '@plimsoll/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/setup/database.js';
import { insertAlert, insertService, T0 } from '../../../test/setup/records.js';
import { alertHistory, commentAlert, findAssignee, listAssignees } from './alert-events.js';
import { listAlerts } from './alert-queries.js';
import { type Act, openDueAlerts, resolveAlert, triageAlerts } from './alert-triage.js';
import { type Database, openDatabase } from './database.js';
import { createPerson } from './people.js';
import * as schema from './schema.js';
import { markHeeded } from './verdicts.js';

const ada = { id: 'per_ada', name: 'Ada' };
const bob = { id: 'per_bob', name: 'Bob' };
let database: ReturnType<typeof openDatabase>;
let db: Database;
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 8 });
  db = database.db;
  await insertService(db);
});
beforeEach(async () => {
  await db.delete(schema.alert);
});
afterAll(() => database.close());

const act = (what: Act, ids: string[], now = T0, by = ada, version?: number) =>
  db.transaction((tx) =>
    triageAlerts(
      tx,
      what,
      ids.map((id) => ({ id, version })),
      { by, now },
    ),
  );
const one = async (what: Act, id: string, now = T0, by = ada, version?: number) => {
  const [result] = await act(what, [id], now, by, version);
  if (result === undefined || result.type === 'missing') throw new Error('no such alert');
  return result;
};
const history = async (id: string) => (await alertHistory(db, id)) ?? [];
const lines = async (id: string) => (await history(id)).map(({ type, by }) => [type, by]);
const acknowledge: Act = { type: 'acknowledge' };
const stuffing: TriageAct = { type: 'resolve', verdict: 'true-positive' };

describe('acknowledging', () => {
  it('says who, when and why; again keeps the first time and name, and takes a new note', async () => {
    const id = await insertAlert(db);
    const first = await one({ type: 'acknowledge', note: 'looking' }, id, T0 + 1);
    expect(first).toMatchObject({
      type: 'changed',
      alert: { state: 'acknowledged', acknowledgedAt: T0 + 1, acknowledgedBy: 'Ada', note: 'looking', until: null, version: 1 },
    });
    const again = await one({ type: 'acknowledge', until: T0 + 50 }, id, T0 + 2, bob);
    expect(again.alert).toMatchObject({ acknowledgedAt: T0 + 1, acknowledgedBy: 'Ada', note: 'looking', until: T0 + 50 });
    expect(await history(id)).toMatchObject([
      { type: 'acknowledge', by: 'Ada', at: T0 + 1, note: 'looking' },
      { type: 'acknowledge', by: 'Bob', at: T0 + 2, until: T0 + 50 },
    ]);
  });

  it('falls back to open when its time has passed, once, and not a moment before', async () => {
    const id = await insertAlert(db);
    await one({ type: 'acknowledge', until: T0 + 100 }, id);
    const due = (now: number) => db.transaction((tx) => openDueAlerts(tx, now, 10));
    expect(await due(T0 + 99)).toEqual([]);
    expect(await due(T0 + 100)).toMatchObject([
      { id, state: 'open', until: null, acknowledgedAt: null, acknowledgedBy: null, version: 2 },
    ]);
    expect(await due(T0 + 101)).toEqual([]);
    expect(await lines(id)).toEqual([
      ['acknowledge', 'Ada'],
      ['expire', null],
    ]);
  });

  it('is opened by one of several who look at once', async () => {
    const ids = await Promise.all([1, 2, 3, 4].map(() => insertAlert(db)));
    await act({ type: 'snooze', until: T0 + 1, differs: false }, ids);
    const opened = await Promise.all([1, 2, 3].map(() => db.transaction((tx) => openDueAlerts(tx, T0 + 5, 2))));
    expect(opened.flat()).toHaveLength(new Set(opened.flat().map(({ id }) => id)).size);
    await db.transaction((tx) => openDueAlerts(tx, T0 + 5, 10));
    for (const id of ids) expect((await history(id)).filter(({ type }) => type === 'wake')).toMatchObject([{ reason: 'time' }]);
  });
});

describe('resolving', () => {
  it('ends every other state, and nothing goes on from there', async () => {
    const id = await insertAlert(db);
    await one({ type: 'snooze', until: T0 + 100, differs: true }, id);
    expect(await one(stuffing as Act, id, T0 + 3)).toMatchObject({
      type: 'changed',
      alert: { state: 'resolved', verdict: 'true-positive', resolvedAt: T0 + 3, resolvedBy: 'Ada', until: null, snooze: null },
    });
    const rest: Act[] = [stuffing as Act, acknowledge, { type: 'reopen' }, { type: 'snooze', differs: true }];
    for (const what of rest) expect((await one(what, id)).type).toBe('unchanged');
    expect((await history(id)).map(({ type }) => type)).toEqual(['snooze', 'resolve']);
    expect(await act(acknowledge, ['alt_none'])).toEqual([{ type: 'missing', id: 'alt_none' }]);
  });

  it('is done by one of several people who resolve at once', async () => {
    const id = await insertAlert(db);
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        db.transaction((tx) =>
          resolveAlert(tx, id, { by: { id: `per_${i}`, name: `p${i}` }, now: T0, verdict: 'false-positive' }),
        ),
      ),
    );
    expect(outcomes.filter(({ type }) => type === 'changed')).toHaveLength(1);
    expect(await history(id)).toHaveLength(1);
  });
});

describe('many at once', () => {
  it('have a result each, in the order of the call, and a line of history each', async () => {
    const [a, b] = [await insertAlert(db), await insertAlert(db)];
    await one(stuffing as Act, b);
    const results = await act(acknowledge, [b, 'alt_none', a]);
    expect(results.map(({ type, id }) => [type, id])).toEqual([
      ['unchanged', b],
      ['missing', 'alt_none'],
      ['changed', a],
    ]);
    expect(await lines(a)).toEqual([['acknowledge', 'Ada']]);
  });

  it('leave alone what was changed since', async () => {
    const id = await insertAlert(db);
    await one(acknowledge, id);
    expect(await one({ type: 'reopen' }, id, T0, bob, 0)).toMatchObject({ type: 'conflict', alert: { state: 'acknowledged' } });
    expect((await one({ type: 'reopen' }, id, T0, bob, 1)).type).toBe('changed');
  });

  it('do not deadlock in opposite orders', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => insertAlert(db)));
    await Promise.all([act(acknowledge, ids), act({ type: 'snooze', differs: true }, [...ids].reverse(), T0, bob)]);
    for (const id of ids) expect(await history(id)).toHaveLength(2);
  });
});

describe('undo', () => {
  const cases: [string, Act][] = [
    ['acknowledge', { type: 'acknowledge', note: 'mine', until: T0 + 9 }],
    ['snooze', { type: 'snooze', differs: true, until: T0 + 9 }],
    ['assign', { type: 'assign', assignee: bob }],
    ['resolve', { type: 'resolve', verdict: 'false-positive', note: 'harmless' }],
  ];
  it.each(cases)('puts back what %s changed', async (_, what) => {
    const id = await insertAlert(db, { note: 'before' });
    const { items } = await listAlerts(db, { within: 'all', limit: 1 });
    const changed = await one(what, id);
    const undone = await one({ type: 'undo' }, id, T0 + 1, ada, changed.alert.version);
    expect(undone).toMatchObject({ type: 'changed', alert: { ...items[0], version: 2 } });
    expect((await history(id)).at(-1)).toMatchObject({ type: 'undo', undone: what.type });
  });

  it('takes back one act, not two, and nothing that was changed since', async () => {
    const id = await insertAlert(db);
    await one(acknowledge, id);
    await one({ type: 'assign', assignee: bob }, id, T0, bob);
    expect((await one({ type: 'undo' }, id, T0, ada, 1)).type).toBe('conflict');
    expect((await one({ type: 'undo' }, id, T0, bob, 2)).alert).toMatchObject({ assignee: null, state: 'acknowledged' });
    expect((await one({ type: 'undo' }, id, T0, bob, 3)).type).toBe('conflict');
  });

  it.each<[string, (id: string) => Promise<unknown>, later: number, takenBack: boolean]>([
    ['in time', async () => {}, VERDICT_UNDO_MS - 1, true],
    ['too late', async () => {}, VERDICT_UNDO_MS, false],
    ['once a model has heard of it', (id) => markHeeded(db, [id], T0), 1, false],
    ['once another alert about the same has opened', () => insertAlert(db, { subjectId: 'somebody' }), 1, false],
    ['where an alert about somebody else has opened', () => insertAlert(db, { subjectId: 'somebody-else' }), 1, true],
  ])('takes a verdict back, %s', async (_, meanwhile, later, takenBack) => {
    const id = await insertAlert(db, { subjectId: 'somebody' });
    const { alert } = await one(stuffing as Act, id);
    await meanwhile(id);
    expect(await one({ type: 'undo' }, id, T0 + later, ada, alert.version)).toMatchObject(
      takenBack
        ? { type: 'changed', alert: { state: 'open', verdict: null, resolvedAt: null, resolvedBy: null } }
        : { type: 'conflict', alert: { state: 'resolved', verdict: 'true-positive' } },
    );
  });

  it('does not take back what the clock did', async () => {
    const id = await insertAlert(db);
    await one({ type: 'acknowledge', until: T0 + 1 }, id);
    const [opened] = await db.transaction((tx) => openDueAlerts(tx, T0 + 1, 1));
    expect((await one({ type: 'undo' }, id, T0 + 2, ada, opened?.version)).type).toBe('conflict');
  });
});

describe('assigning and comments', () => {
  it('goes to people who can sign in, and is found by whose it is', async () => {
    const carol = await createPerson(db, { name: 'Carol', role: 'analyst' }, T0);
    expect((await listAssignees(db)).map(({ name }) => name)).toContain('Carol');
    const assignee = await db.transaction((tx) => findAssignee(tx, carol.id));
    expect(assignee).toEqual({ id: carol.id, name: 'Carol' });
    expect(await db.transaction((tx) => findAssignee(tx, 'per_none'))).toBeUndefined();
    const id = await insertAlert(db);
    const { alert } = await one({ type: 'assign', assignee: assignee ?? null }, id);
    expect(alert.assignee).toEqual({ id: carol.id, name: 'Carol' });
    expect((await one({ type: 'assign', assignee: assignee ?? null }, id)).type).toBe('unchanged');
    expect((await listAlerts(db, { within: 'all', limit: 9, assignee: carol.id })).items.map((each) => each.id)).toEqual([id]);
    expect((await one({ type: 'assign', assignee: null }, id)).alert.assignee).toBeNull();
  });

  it('mentions members, and none but members', async () => {
    const dora = await createPerson(db, { name: 'Dora', role: 'analyst' }, T0);
    const id = await insertAlert(db);
    const say = (mentions: string[], alertId = id) =>
      db.transaction((tx) => commentAlert(tx, alertId, { text: 'Look at <b>this</b>', mentions, by: ada, now: T0 }));
    expect(await say([dora.id, 'per_none'])).toEqual({ type: 'strangers', ids: ['per_none'] });
    expect(await history(id)).toEqual([]);
    expect(await say([], 'alt_none')).toEqual({ type: 'missing' });
    expect(await say([dora.id, dora.id])).toMatchObject({ type: 'commented', event: { mentions: ['Dora'] } });
    const [line] = (await history(id)) as [AlertEvent];
    expect(line).toMatchObject({ type: 'comment', by: 'Ada', note: 'Look at <b>this</b>', mentions: ['Dora'] });
    expect((await listAlerts(db, { within: 'all', limit: 9, mentions: dora.id })).items.map((each) => each.id)).toEqual([id]);
    expect((await listAlerts(db, { within: 'all', limit: 9, mentions: ada.id })).items).toEqual([]);
    expect(await alertHistory(db, 'alt_none')).toBeUndefined();
  });
});
