/** "Until it differs", as the worker's commit sees it: what wakes a snoozed alert, and what does not. */
import type { Alert } from '@plimsoll/contracts';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/setup/database.js';
import { makeFinding, NOW } from '../../../test/setup/findings.js';
import { alertHistory } from './alert-events.js';
import { triageAlerts } from './alert-triage.js';
import { commitBatch } from './batches.js';
import { type Database, openDatabase } from './database.js';
import { newId } from './ids.js';
import { ensureShards, type Lease, takeShards } from './leases.js';
import { alert } from './schema.js';
import { createService } from './services.js';

let database: ReturnType<typeof openDatabase>;
let db: Database;
let lease: Lease;
beforeAll(async () => {
  database = openDatabase(await freshDatabase(), { max: 4 });
  db = database.db;
  await createService(db, { id: 'shop' }, NOW);
  await createService(db, { id: 'bank' }, NOW);
  await ensureShards(db, 1);
  [lease] = (await takeShards(db, 'me', 1, 1)) as [Lease];
});
beforeEach(async () => {
  await db.delete(alert);
});
afterAll(() => database.close());

type Fields = Parameters<typeof makeFinding>[0];
const commit = async (...findings: Fields[]): Promise<Alert[]> => {
  const outcomes = findings.map((fields) => ({
    finding: makeFinding(fields),
    ruling: { type: 'none' as const },
    policy: 'monitor',
    requests: [],
  }));
  return (await commitBatch(db, lease, newId('b'), [], { traffic: [], outcomes }, NOW)).alerts;
};
const by = { id: 'per_ada', name: 'Ada' };
const snooze = (id: string, differs = true) =>
  db.transaction((tx) => triageAlerts(tx, { type: 'snooze', differs, until: NOW + 1e6 }, [{ id }], { by, now: NOW }));
const stateOf = async (id: string) => (await db.select().from(alert).where(eq(alert.id, id)))[0]?.state;
const reasons = async (id: string) =>
  (await alertHistory(db, id))?.filter(({ type }) => type === 'wake').map(({ reason }) => reason);

/** One alert of 60 requests, snoozed until it differs. */
async function asleep(fields: Fields = {}): Promise<string> {
  const [opened] = await commit(fields);
  await snooze(opened!.id);
  return opened!.id;
}

describe('what goes into a snoozed alert', () => {
  const cases: [string, Fields, string | null][] = [
    ['the same again', {}, null],
    ['a little more', { observed: 120 }, null],
    ['more than twice as much', { observed: 120.5 }, 'observed'],
    ['much more of another measure, which cannot be compared', { observed: 9_999, unit: 'bytes' }, null],
    ['more within another window', { observed: 600, windowSeconds: 100 }, null],
    ['a higher severity', { severity: 'high' }, 'severity'],
    ['a lower severity', { severity: 'low' }, null],
    ['another actor', { actors: ['ada', 'eve'] }, 'subject'],
    ['another address', { addresses: ['192.0.2.1', '192.0.2.2'] }, 'subject'],
    ['its end', { phase: 'ended', observed: 9_999, severity: 'critical' }, null],
  ];
  it.each(cases)('%s', async (_, fields, reason) => {
    const id = await asleep({ actors: ['ada'], addresses: ['192.0.2.1'] });
    const [told] = await commit({ phase: 'updated', ...fields });
    expect(told).toMatchObject({ id, state: reason === null ? 'snoozed' : 'open', version: reason === null ? 1 : 2 });
    expect(await reasons(id)).toEqual(reason === null ? [] : [reason]);
    if (reason !== null) expect(told).toMatchObject({ snooze: null, until: null });
  });

  it('wakes nothing that was snoozed until a time alone', async () => {
    const [opened] = await commit({});
    await snooze(opened!.id, false);
    await commit({ phase: 'updated', severity: 'critical', observed: 9_999 });
    expect(await stateOf(opened!.id)).toBe('snoozed');
  });

  it('is measured by what it was at the snooze, not by what it was just now', async () => {
    const id = await asleep();
    for (const observed of [80, 100, 118]) await commit({ phase: 'updated', observed });
    expect(await stateOf(id)).toBe('snoozed');
    await commit({ phase: 'updated', observed: 121 });
    expect(await reasons(id)).toEqual(['observed']);
  });
});

describe('a new alert about the same subject', () => {
  it('of another kind wakes it; of a kind that was there does not', async () => {
    const [rate] = await commit({}, { kind: 'probing', logId: 'log-2' });
    await snooze(rate!.id);
    await commit({ phase: 'updated', kind: 'probing', logId: 'log-2' });
    expect(await stateOf(rate!.id)).toBe('snoozed');
    const told = await commit({ kind: 'scraping', logId: 'log-3' });
    expect(told.map(({ id, state }) => [id === rate!.id, state])).toContainEqual([true, 'open']);
    expect(await reasons(rate!.id)).toEqual(['kind']);
  });

  it('on another endpoint wakes it', async () => {
    const id = await asleep();
    await commit({ endpoint: 'GET /other', logId: 'log-2' });
    expect(await reasons(id)).toEqual(['endpoint']);
  });

  it('about somebody else, or in another service, does not', async () => {
    const id = await asleep();
    await commit({ kind: 'probing', subject: { type: 'actor', id: 'eve' }, logId: 'log-2' });
    await commit({ kind: 'probing', service: 'bank', logId: 'log-3' });
    expect(await stateOf(id)).toBe('snoozed');
  });
});

describe('campaigns', () => {
  const campaign: Fields = {
    kind: 'credential-stuffing',
    subject: { type: 'endpoint', id: 'POST /login' },
    endpoint: 'POST /login',
    logId: 'log-9',
    actors: ['ada', 'eve'],
    addresses: ['192.0.2.9'],
  };
  const campaignOf = async (id: string) => (await db.select().from(alert).where(eq(alert.id, id)))[0]?.campaign;

  it('take in alerts about those who take part, whichever came first', async () => {
    const [early] = await commit({});
    const [head] = await commit(campaign);
    const [late] = await commit({ subject: { type: 'address', id: '192.0.2.9' }, kind: 'probing', logId: 'log-4' });
    expect(late).toMatchObject({ campaign: head!.id });
    expect(await campaignOf(early!.id)).toBe(head!.id);
    const [stranger] = await commit({ subject: { type: 'actor', id: 'kim' }, logId: 'log-5' });
    expect(stranger?.campaign).toBeNull();
    await commit({ ...campaign, phase: 'updated', actors: ['ada', 'eve', 'kim'] });
    expect(await campaignOf(stranger!.id)).toBe(head!.id);
  });

  it('end with their alert, an hour after it, and at the border of the service', async () => {
    await commit(campaign);
    const [elsewhere] = await commit({ service: 'bank' });
    const [later] = await commit({ ts: NOW + 3_700_000, logId: 'log-6' });
    expect([elsewhere?.campaign, later?.campaign]).toEqual([null, null]);
  });

  it('are one level deep', async () => {
    const [head] = await commit(campaign);
    const [member] = await commit({});
    expect(member?.campaign).toBe(head!.id);
    const [grown] = await commit({ phase: 'updated', addresses: ['192.0.2.1', '192.0.2.2'] });
    expect(grown?.campaign).toBeNull();
  });
});
