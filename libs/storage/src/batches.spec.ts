import type { Ruling } from '@plimsoll/detection';
import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/setup/database.js';
import { activeDecisions } from '../../../test/setup/decisions.js';
import { makeFinding, makeLog, NOW } from '../../../test/setup/findings.js';
import { resolveAlert } from './alert-triage.js';
import { MAX_REQUESTS } from './alerts.js';
import { batchesAfter, batchesOver, commitBatch, Fenced, findBatch, type Outcome, settledAt, settlingId } from './batches.js';
import { type Database, databaseFault, openDatabase } from './database.js';
import { createDecision, liftDecision } from './decisions.js';
import { newId } from './ids.js';
import { ensureShards, type Lease, takeShards } from './leases.js';
import { alert, alertRequest, batch, decision, shard, trafficMinute } from './schema.js';
import { createService } from './services.js';
import type { TrafficRow } from './traffic.js';

let database: ReturnType<typeof openDatabase>;
let db: Database;
let lease: Lease;

beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 8 });
  db = database.db;
  await createService(db, { id: 'shop' }, NOW);
});
beforeEach(async () => {
  for (const table of [alertRequest, alert, decision, trafficMinute, batch, shard]) await db.delete(table);
  await ensureShards(db, 2);
  [lease] = (await takeShards(db, 'me', 1, 1)) as [Lease];
});
afterAll(() => database.close());

const row = (fields: Partial<TrafficRow> = {}): TrafficRow => ({
  service: 'shop',
  endpoint: 'GET /items',
  minute: NOW,
  requests: 1,
  errors: 0,
  clientErrors: 0,
  throttled: 0,
  blocked: 0,
  durationMs: 2.5,
  bytesOut: 10,
  ...fields,
});
const outcome = (fields: Parameters<typeof makeFinding>[0] = {}, rest: Partial<Outcome> = {}): Outcome => ({
  finding: makeFinding(fields),
  ruling: { type: 'none' },
  policy: 'throttle',
  requests: [],
  ...rest,
});
const commit = (outcomes: Outcome[], traffic: TrafficRow[] = [], id = newId('b')) =>
  commitBatch(db, lease, id, [], { traffic, outcomes }, NOW);
const alerts = () => db.select().from(alert).orderBy(asc(alert.firstAt), asc(alert.id));
const traffic = () => db.select().from(trafficMinute).orderBy(asc(trafficMinute.endpoint), asc(trafficMinute.minute));

describe('a batch', () => {
  it('adds to the roll-ups and is found again, numbered in order', async () => {
    await commit([], [row({ requests: 2, errors: 1 }), row({ endpoint: 'GET /b' })], 'b_x');
    const second = await commitBatch(db, lease, 'b_y', [3, 5], { traffic: [row({ throttled: 1 })], outcomes: [] }, NOW);
    expect(second.seq).toBe(2);
    expect(await findBatch(db, 'b_y')).toEqual({ id: 'b_y', seq: 2, skipped: [3, 5] });
    expect(await findBatch(db, 'b_z')).toBeUndefined();
    expect((await batchesAfter(db, 0, 0)).map(({ id }) => id)).toEqual(['b_x', 'b_y']);
    expect((await batchesAfter(db, 0, 1)).map(({ id }) => id)).toEqual(['b_y']);
    expect(await batchesOver(db, ['b_y', 'b_x', 'b_z'], 1)).toEqual({ upTo: ['b_x'], unknown: ['b_z'] });
    expect(await batchesOver(db, [], 1)).toEqual({ upTo: [], unknown: [] });
    expect(await traffic()).toMatchObject([
      { endpoint: 'GET /b' },
      { requests: 3, errors: 1, throttled: 1, durationMs: 5, bytesOut: 20 },
    ]);
  });

  it('done by the clock alone carries its clock in its id', () => {
    expect(settledAt(settlingId(3, 12, NOW))).toBe(NOW);
    expect(settledAt('b_0_1_2')).toBeUndefined();
    expect(settledAt('s_x')).toBeUndefined();
  });

  it('is there once: the same again changes nothing', async () => {
    await commit([outcome()], [row()], 'b_x');
    const again = commit([outcome({ phase: 'updated', count: 99 })], [row()], 'b_x');
    expect(await again.catch(databaseFault)).toBe('contended');
    expect(await traffic()).toMatchObject([{ requests: 1 }]);
    expect(await alerts()).toMatchObject([{ count: 31 }]);
  });

  it('is all there or not at all', async () => {
    const unknown = outcome({ service: 'no-such-service' });
    await expect(commit([outcome(), unknown], [row()], 'b_x')).rejects.toThrow();
    expect([await traffic(), await alerts(), await findBatch(db, 'b_x')]).toEqual([[], [], undefined]);
    expect((await commit([])).seq).toBe(1);
  });

  it('is refused once the shard has changed hands, and so is what ends by the clock', async () => {
    await commit([outcome()]);
    await db.update(shard).set({ leaseUntil: 1 }).where(eq(shard.id, 0));
    await takeShards(db, 'other', 1, 1);
    await expect(commit([outcome({ phase: 'updated', count: 99 })], [row()])).rejects.toBeInstanceOf(Fenced);
    await expect(commit([outcome({ phase: 'ended' })], [], settlingId(0, 1, NOW))).rejects.toBeInstanceOf(Fenced);
    expect([await traffic(), await alerts()]).toMatchObject([[], [{ count: 31, endedAt: null }]]);
  });

  it('does not lock out another shard’s with the same rows in another order', async () => {
    await db.update(shard).set({ owner: null }).where(eq(shard.id, 1));
    const [other] = (await takeShards(db, 'other', 2, 1)) as [Lease];
    const rows = Array.from({ length: 40 }, (_, i) => row({ endpoint: `GET /${i}`, minute: NOW + (i % 3) * 60_000 }));
    const policy = (id: string): Outcome => outcome({ subject: { type: 'actor', id }, logId: id }, { ruling: throttle(id) });
    await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        commitBatch(
          db,
          i % 2 ? lease : other,
          `b_c${i}`,
          [],
          { traffic: i % 2 ? rows : rows.toReversed(), outcomes: [policy(`a${i}`)] },
          NOW,
        ),
      ),
    );
    expect((await traffic()).map(({ requests }) => requests)).toEqual(rows.map(() => 30));
    expect(await activeDecisions(db, 'shop', NOW)).toHaveLength(30);
  });
});

describe('an alert', () => {
  it('is one for a behaviour that goes on and ends', async () => {
    const opened = await commit([outcome()]);
    await commit([outcome({ phase: 'updated', ts: NOW + 5_000, count: 80, severity: 'high', observed: 99, points: [] })]);
    const ended = await commit([outcome({ phase: 'ended', ts: NOW + 70_000, count: 85 })], [], settlingId(0, 2, NOW));
    expect(ended.alerts[0]?.id).toBe(opened.alerts[0]?.id);
    expect(await alerts()).toMatchObject([
      { count: 85, severity: 'high', observed: 99, firstAt: NOW, lastAt: NOW + 5_000, endedAt: NOW + 70_000, state: 'open' },
    ]);
    expect(ended.alerts[0]).not.toHaveProperty('episode');
  });

  it('is one for several findings of one batch, and adds up its episodes', async () => {
    const again = { logId: 'log-9', ts: NOW + 200_000 };
    await commit([
      outcome({ severity: 'critical' }),
      outcome({ phase: 'updated', count: 40 }),
      outcome({ phase: 'ended', count: 50, ts: NOW + 70_000 }),
      outcome({ ...again, count: 10, severity: 'low' }),
    ]);
    await commit([outcome({ ...again, phase: 'updated', count: 25, severity: 'low' })]);
    expect(await alerts()).toMatchObject([{ count: 75, endedAt: null, severity: 'critical', lastAt: NOW + 200_000 }]);
  });

  it.each([
    ['kind', { kind: 'probing' as const }],
    ['subject', { subject: { type: 'actor' as const, id: 'bob' } }],
    ['type of subject', { subject: { type: 'address' as const, id: 'ada' } }],
    ['endpoint', { endpoint: 'GET /b' }],
    ['want of an endpoint', { endpoint: null }],
  ])('is another one for another %s', async (_, fields) => {
    await commit([outcome(), outcome(fields)]);
    expect(await alerts()).toHaveLength(2);
  });

  it('is shown as historical only while nothing live was in it', async () => {
    await commit([outcome({ historical: true })]);
    expect(await alerts()).toMatchObject([{ historical: true }]);
    await commit([outcome({ phase: 'updated' })]);
    expect(await alerts()).toMatchObject([{ historical: false }]);
  });

  it('stays resolved while the same episode goes on; the next one opens another', async () => {
    const { alerts: made } = await commit([outcome()]);
    const change = { by: { id: 'per_ada', name: 'Ada' }, verdict: 'true-positive' as const, now: NOW };
    await db.transaction((tx) => resolveAlert(tx, made[0]?.id ?? '', change));
    const told = await commit([
      outcome({ phase: 'updated', ts: NOW + 5_000, count: 99 }),
      outcome({ phase: 'ended', count: 99 }),
    ]);
    expect(told.alerts).toEqual([]);
    expect(await alerts()).toMatchObject([{ state: 'resolved', count: 31 }]);
    await commit([outcome({ logId: 'log-2', ts: NOW + 90_000 })]);
    expect((await alerts()).map(({ state }) => state)).toEqual(['resolved', 'open']);
  });

  it('keeps its newest requests, each once', async () => {
    const requests = Array.from({ length: 150 }, (_, i) => ({
      log: makeLog({ id: `l${i}`, ts: NOW + i }),
      endpoint: 'GET /items',
    }));
    await commit([outcome({}, { requests: requests.slice(0, 90) })]);
    await commit([outcome({ phase: 'updated' }, { requests: [...requests.slice(80), ...requests.slice(140)] })]);
    const kept = (await db.select().from(alertRequest)).map(({ logId }) => logId);
    expect(new Set(kept)).toEqual(new Set(requests.slice(-MAX_REQUESTS).map(({ log }) => log.id)));
  });

  it.each([
    'active',
    'meta',
    '__proto__',
    "'; drop table alert; --",
    'a\u{fffd}b',
    '%',
    '測'.repeat(256),
    '\u{1f600}'.repeat(128),
  ])('takes any text for a subject: %j', async (id) => {
    const endpoint = `GET /${'\u{3042}漢'.repeat(255)}`;
    const requests = [{ log: makeLog({ id, actor: id }), endpoint }];
    const hostile = outcome(
      { subject: { type: 'actor', id }, endpoint, logId: id },
      { requests, ruling: throttle(id, endpoint) },
    );
    await commit([hostile], [row({ endpoint })]);
    expect(await alerts()).toMatchObject([{ subjectId: id, endpoint }]);
    expect((await activeDecisions(db, 'shop', NOW)).map(({ subject }) => subject.id)).toEqual([id]);
  });
});

function throttle(id: string, endpoint: string | null = 'GET /items', until = NOW + 60_000): Ruling {
  const subject = { type: 'actor' as const, id };
  return {
    type: 'create',
    step: { action: 'throttle', seconds: Math.round((until - NOW) / 1000) },
    subject,
    endpoint,
    rate: { requests: 30, windowSeconds: 10 },
    until,
    reason: 'too many',
  };
}

describe('a decision', () => {
  it('is made with its alert, and prolonged', async () => {
    const made = await commit([outcome({}, { ruling: throttle('ada') })]);
    expect(made.decisions).toMatchObject([
      { alertId: made.alerts[0]?.id, origin: { type: 'policy', name: 'throttle' }, subject: { id: 'ada' } },
    ]);
    const decisionId = made.decisions[0]?.id ?? '';
    const ruling = { type: 'prolong' as const, decisionId, until: NOW + 90_000 };
    const prolonged = await commit([outcome({ phase: 'updated' }, { ruling })]);
    expect(prolonged.decisions).toMatchObject([{ id: decisionId, until: NOW + 90_000 }]);
    expect(prolonged.decisions[0]?.version).toBeGreaterThan(made.decisions[0]?.version ?? 0);
  });

  it('to block waits for a person where there is no room for it; the subject is held to its limit meanwhile', async () => {
    const step = { action: 'block' as const, seconds: 600 };
    const block = (id: string): Ruling => ({
      ...(throttle(id) as Ruling & { type: 'create' }),
      step,
      rate: null,
      until: NOW + 600_000,
    });
    const blocked = (id: string, fields: Partial<Outcome> = {}) =>
      outcome(
        { subject: { type: 'actor', id }, logId: id, severity: 'high' },
        { ruling: block(id), reach: { weight: 1, room: 2 }, ...fields },
      );
    const { decisions: made } = await commit(['a', 'b', 'c'].map((id) => blocked(id)));
    expect(made.map(({ subject, mode, action }) => [subject.id, mode, action])).toEqual([
      ['a', 'enforced', 'block'],
      ['b', 'enforced', 'block'],
      ['c', 'pending', 'block'],
      ['c', 'enforced', 'throttle'],
    ]);
    expect((await activeDecisions(db, 'shop', NOW)).map(({ subject, action }) => `${action} ${subject.id}`)).toEqual([
      'block a',
      'block b',
      'throttle c',
    ]);
  });

  it('of a person stands: none is made over it, none is prolonged that was lifted', async () => {
    const person = { type: 'person' as const, name: 'Ada' };
    const subject = { type: 'actor' as const, id: 'bob' };
    const order = { action: 'block' as const, subject, endpoint: null, rate: null, origin: person };
    const draft = { ...order, service: 'shop', reason: 'by hand', alertId: null, until: NOW + 3_600_000 };
    await db.transaction((tx) => createDecision(tx, draft, NOW));
    const over = await commit([outcome({ subject }, { ruling: throttle('bob') })]);
    expect(over.decisions).toEqual([]);
    expect(over.alerts).toHaveLength(1);
    const made = await commit([outcome({}, { ruling: throttle('ada') })]);
    const decisionId = made.decisions[0]?.id ?? '';
    await db.transaction((tx) => liftDecision(tx, decisionId, 'Ada', NOW));
    const ruling = { type: 'prolong' as const, decisionId, until: NOW + 90_000 };
    expect((await commit([outcome({ phase: 'updated' }, { ruling })])).decisions).toEqual([]);
    expect((await commit([outcome({ phase: 'updated' }, { ruling: throttle('ada') })])).decisions).toEqual([]);
  });

  it.each([
    ['true-positive', 1],
    ['false-positive', 0],
    ['expected-change', 0],
  ] as const)('after a verdict %s on the episode: %i', async (verdict, decisions) => {
    const { alerts: made } = await commit([outcome()]);
    await db.transaction((tx) => resolveAlert(tx, made[0]?.id ?? '', { by: { id: 'per_ada', name: 'Ada' }, verdict, now: NOW }));
    const goesOn = await commit([outcome({ phase: 'updated' }, { ruling: throttle('ada') })]);
    expect(goesOn.decisions).toHaveLength(decisions);
  });
});
