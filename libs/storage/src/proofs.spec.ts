import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { activeDecisions } from '../../../test/setup/decisions.js';
import { onItsOwnService } from '../../../test/setup/own-service.js';
import { insertAlert } from '../../../test/setup/records.js';
import { findAlert } from './alert-queries.js';
import { namedAudit, readAudit } from './audit-queries.js';
import type { Database } from './database.js';
import { createDecision, type DecisionDraft } from './decisions.js';
import { feedSince, feedVersion } from './feed.js';
import { discardOld } from './housekeeping.js';
import { PROOF_HOLD_MS } from './proof-hold.js';
import { MAX_PROOFS_A_DAY, takeProof } from './proofs.js';
import { proof } from './schema-channel.js';

const NOW = 1_790_000_000_000;
const HOUR = 3_600_000;
let db: Database;
let service = '';
onItsOwnService(NOW, (own) => {
  ({ db, service } = own);
});

const policy = { type: 'policy', name: 'throttle' } as const;
const person = { type: 'person', name: 'Ada' } as const;
const draft = (change: Partial<DecisionDraft> = {}): DecisionDraft => ({
  service,
  action: 'throttle',
  subject: { type: 'actor', id: 'user-7' },
  endpoint: 'GET /items',
  rate: { requests: 10, windowSeconds: 60 },
  reason: 'more than usual',
  origin: policy,
  alertId: null,
  until: NOW + 48 * HOUR,
  ...change,
});
const create = (change: Partial<DecisionDraft> = {}, now = NOW) => db.transaction((tx) => createDecision(tx, draft(change), now));
const challenge = { action: 'challenge', rate: null, endpoint: null } as const;
const ids = async (now = NOW) => (await activeDecisions(db, service, now)).map(({ id }) => id);
const take = (id: string, now = NOW, actor = 'user-7') =>
  takeProof(db, { service, actor, id: `report-of-a-test-${id}`, key: 'key_1', address: '192.0.2.1' }, now);
const deeds = async () => namedAudit(db, (await readAudit(db, { subject: 'user-7', service }, { limit: 100 })).reverse());

describe('a proof', () => {
  it('lifts challenges and policies’ throttles of its actor in one version, and no block nor a person’s throttle', async () => {
    const kept = [
      await create({ action: 'block', rate: null, endpoint: 'GET /a' }),
      await create({ action: 'block', rate: null, endpoint: 'GET /b', origin: person }),
      await create({ origin: person, endpoint: 'GET /c' }),
      await create({ subject: { type: 'actor', id: 'other' } }),
      await create({ subject: { type: 'address', id: '192.0.2.9' } }),
    ];
    const throttle = await create({ endpoint: 'GET /d' });
    const asked = await create({ ...challenge, endpoint: 'GET /e', origin: person });
    const before = (await feedVersion(db, service)) ?? 0;
    const outcome = await take('1', NOW + 1);
    expect(outcome).toMatchObject({ type: 'taken' });
    expect(await ids()).toEqual(kept.map((decision) => decision?.id));
    expect(await feedVersion(db, service)).toBe(before + 1);
    const change = await feedSince(db, service, before, NOW + 2);
    expect(new Set(change.type === 'delta' ? change.lifted : [])).toEqual(new Set([throttle?.id, asked?.id]));
    expect(outcome.type === 'taken' && outcome.decisions.map(({ provedAt, liftedBy }) => [provedAt, liftedBy])).toEqual([
      [NOW + 1, null],
      [NOW + 1, null],
    ]);
  });

  it('is noted on the unresolved alerts about its actor alone, without a verdict', async () => {
    const about = (values: object) => insertAlert(db, { service, subjectId: 'user-7', firstAt: NOW, lastAt: NOW, ...values });
    const open = await about({});
    const resolved = await about({ kind: 'drift', state: 'resolved', verdict: 'true-positive' });
    const other = await about({ subjectId: 'other' });
    const address = await about({ subjectType: 'address' });
    const outcome = await take('1', NOW + 5);
    expect(outcome).toMatchObject({ type: 'taken', decisions: [], alerts: [{ id: open, provedAt: NOW + 5, verdict: null }] });
    for (const id of [resolved, other, address]) expect((await findAlert(db, id))?.provedAt).toBeNull();
    expect(await deeds()).toMatchObject([
      { action: 'challenge.pass', personId: null, address: '192.0.2.1', detail: { key: 'key_1', alerts: 1, lifted: [] } },
    ]);
  });

  it('does nothing where there is nothing to do, and leaves no row', async () => {
    for (const actor of ['nobody', 'user-7']) expect(await take('1', NOW, actor)).toMatchObject({ type: 'nothing' });
    expect(await db.select().from(proof).where(eq(proof.service, service))).toEqual([]);
    expect(await deeds()).toEqual([]);
  });

  it('that comes again lifts nothing that was decided since, whoever sends it at the same time', async () => {
    await create({ ...challenge });
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => take('same')));
    expect(outcomes.map(({ type }) => type).sort()).toEqual([...Array(5).fill('repeated'), 'taken']);
    const again = await create({ ...challenge, origin: person }, NOW + 1);
    expect(await take('same', NOW + 2)).toMatchObject({ type: 'repeated' });
    expect(await ids(NOW + 2)).toEqual([again?.id]);
  });

  it('buys no more than a few a day', async () => {
    for (let index = 0; index < MAX_PROOFS_A_DAY; index += 1) {
      await create({ ...challenge, origin: person });
      expect(await take(`${index}`, NOW + index)).toMatchObject({ type: 'taken', decisions: [{}] });
    }
    const stays = await create({ ...challenge, origin: person });
    expect(await take('spent', NOW + HOUR)).toMatchObject({ type: 'spent' });
    expect(await take('spent-2', NOW + HOUR)).toMatchObject({ type: 'spent' });
    // The answer was lost, and it is told again: that is no proof that was taken.
    expect(await take('spent', NOW + HOUR)).toMatchObject({ type: 'spent' });
    expect(await ids(NOW + HOUR)).toEqual([stays?.id]);
    expect((await deeds()).map(({ action }) => action)).toEqual([
      ...Array(MAX_PROOFS_A_DAY).fill('challenge.pass'),
      'challenge.spent',
    ]);
    expect(await take('next day', NOW + 24 * HOUR + 1)).toMatchObject({ type: 'taken', decisions: [{ id: stays?.id }] });
  });

  it('keeps policies from a new throttle or challenge for a while, but not from a block, and people from nothing', async () => {
    await create({ ...challenge });
    await take('1');
    const soon = NOW + PROOF_HOLD_MS - 1;
    expect(await create({}, soon)).toBeUndefined();
    expect(await create(challenge, soon)).toBeUndefined();
    expect(await create({ subject: { type: 'actor', id: 'other' } }, soon)).toBeDefined();
    expect(await create({ action: 'block', rate: null, endpoint: 'GET /x' }, soon)).toBeDefined();
    expect(await create({ endpoint: 'GET /y' }, NOW + PROOF_HOLD_MS + 1)).toBeDefined();
    expect(await create({ ...challenge, origin: person, endpoint: 'GET /z' }, soon)).toBeDefined();
  });

  it('is forgotten after two days', async () => {
    await create({ ...challenge });
    await take('1');
    await discardOld(db, NOW + 47 * HOUR);
    expect(await db.select().from(proof).where(eq(proof.service, service))).toHaveLength(1);
    await discardOld(db, NOW + 49 * HOUR);
    expect(await db.select().from(proof).where(eq(proof.service, service))).toEqual([]);
  });
});
