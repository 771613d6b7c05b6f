import { DEFAULT_SETTINGS } from '@plimsoll/contracts';
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { activeDecisions } from '../../../test/setup/decisions.js';
import { onItsOwnService } from '../../../test/setup/own-service.js';
import type { Database } from './database.js';
import { createDecision, type DecisionDraft, LIFT_HOLD_MS, liftDecision, prolongDecision } from './decisions.js';
import { feedVersion } from './feed.js';
import * as schema from './schema.js';
import { readStanding, standing } from './standing.js';

const NOW = 1_790_000_000_000;
let db: Database;
let service = '';
onItsOwnService(NOW, (own) => {
  ({ db, service } = own);
});

const draft = (change: Partial<DecisionDraft> = {}): DecisionDraft => ({
  service,
  action: 'throttle',
  subject: { type: 'actor', id: 'ada' },
  endpoint: 'GET /items',
  rate: { requests: 10, windowSeconds: 60 },
  reason: 'more than usual',
  origin: { type: 'policy', name: 'throttle' },
  alertId: null,
  until: NOW + 60_000,
  ...change,
});
const person = { type: 'person', name: 'Ada' } as const;
const create = (change: Partial<DecisionDraft> = {}, now = NOW) => db.transaction((tx) => createDecision(tx, draft(change), now));
const lift = (id: string, now = NOW) => db.transaction((tx) => liftDecision(tx, id, 'Ada', now));
const prolong = (id: string, until: number, now = NOW) => db.transaction((tx) => prolongDecision(tx, id, until, now));
const activeIds = async (now = NOW) => (await activeDecisions(db, service, now)).map(({ id }) => id);

describe('creating', () => {
  it('numbers decisions of a service one after the other, also under concurrency', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, (_, i) => create({ subject: { type: 'actor', id: `a${i}` } })));
    expect(made.map((decision) => decision?.version).sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    expect(await feedVersion(db, service)).toBe(20);
  });

  it('gives back what was stored', async () => {
    const made = await create();
    expect(made).toMatchObject({ ...draft(), version: 1, createdAt: NOW, liftedAt: null, liftedBy: null });
    expect(await activeDecisions(db, service, NOW)).toEqual([made]);
  });

  it('keeps a whole-service endpoint apart as null', async () => {
    expect(await create({ endpoint: null })).toMatchObject({ endpoint: null });
  });

  it('takes the place of the same origin on the same subject and endpoint, in one version', async () => {
    const first = await create();
    const second = await create({ action: 'block', rate: null });
    const elsewhere = await create({ endpoint: 'GET /other' });
    expect(await activeIds()).toEqual([second?.id, elsewhere?.id]);
    expect(second?.version).toBe(2);
    expect(await lift(first?.id ?? '')).toMatchObject({ type: 'over', decision: { version: 2, liftedAt: NOW, liftedBy: null } });
  });

  it('refuses an unknown service', async () => {
    await expect(create({ service: 'nobody' })).rejects.toThrow('no such service');
  });

  it('leaves no version behind when the transaction fails', async () => {
    const failing = db.transaction(async (tx) => {
      await createDecision(tx, draft(), NOW);
      throw new Error('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    expect(await feedVersion(db, service)).toBe(0);
  });
});

describe("a person's word", () => {
  it.each([
    ['on the same endpoint', 'GET /items', 'GET /items'],
    ['on the whole service', null, 'GET /items'],
    ['on one endpoint, against a policy on all of them', 'GET /items', null],
  ])('stands %s', async (_, mine, theirs) => {
    const made = await create({ origin: person, endpoint: mine });
    expect(await create({ endpoint: theirs })).toBeUndefined();
    expect(await activeIds()).toEqual([made?.id]);
    expect(await feedVersion(db, service)).toBe(1);
  });

  it('does not bind policies on other endpoints and subjects, nor after its end', async () => {
    await create({ origin: person });
    expect(await create({ endpoint: 'GET /other' })).toBeDefined();
    expect(await create({ subject: { type: 'actor', id: 'bob' } })).toBeDefined();
    expect(await create({ until: NOW + 120_000 }, NOW + 60_000)).toBeDefined();
  });

  it("takes the place of a policy's decisions wherever they overlap", async () => {
    await create();
    await create({ endpoint: 'GET /other' });
    const mine = await create({ origin: person, endpoint: null });
    expect(await activeIds()).toEqual([mine?.id]);
  });

  it("leaves a policy's decision on another endpoint", async () => {
    const other = await create({ endpoint: 'GET /other' });
    const mine = await create({ origin: person });
    expect(await activeIds()).toEqual([other?.id, mine?.id]);
  });

  it("holds for a while after lifting a policy's decision", async () => {
    const made = await create();
    await lift(made?.id ?? '');
    expect(await create({}, NOW + LIFT_HOLD_MS - 1)).toBeUndefined();
    expect(await create({ until: NOW + LIFT_HOLD_MS + 60_000 }, NOW + LIFT_HOLD_MS)).toBeDefined();
  });

  it("ends with the person's own decision: policies rule again at once", async () => {
    const mine = await create({ origin: person });
    await lift(mine?.id ?? '');
    expect(await create()).toBeDefined();
  });

  it('comes first among those in force', async () => {
    await create({ endpoint: 'GET /items' });
    const mine = await create({ origin: person, endpoint: null });
    const ada = { type: 'actor' as const, id: 'ada' };
    expect(standing(await readStanding(db, service, [ada], NOW), ada, 'GET /items', false)?.id).toBe(mine?.id);
  });

  it('stands against a policy where it overlaps; a policy’s own stands only where it holds the whole endpoint', async () => {
    const ada = { type: 'actor' as const, id: 'ada' };
    const made = await create({ endpoint: 'GET /items' });
    const on = await readStanding(db, service, [ada, { type: 'address', id: 'ada' }], NOW);
    expect(on.active.map(({ id }) => id)).toEqual([made?.id]);
    expect(standing(on, ada, 'GET /items', false)?.id).toBe(made?.id);
    expect(standing(on, ada, 'GET /other', false)).toBeUndefined();
    expect(standing(on, ada, null, false)).toBeUndefined();
    expect(standing(on, { type: 'address', id: 'ada' }, 'GET /items', false)).toBeUndefined();
    expect((await readStanding(db, service, [{ type: 'address', id: 'ada' }], NOW)).active).toEqual([]);
  });
});

describe('prolonging', () => {
  it('moves the end with a new version', async () => {
    const made = await create();
    expect(await prolong(made?.id ?? '', NOW + 90_000)).toMatchObject({ id: made?.id, version: 2, until: NOW + 90_000 });
  });

  it('takes no version where nothing changes', async () => {
    const made = await create();
    expect(await prolong(made?.id ?? '', NOW + 60_000)).toEqual(made);
    expect(await prolong(made?.id ?? '', NOW + 90_000, NOW + 100_000)).toEqual(made);
    expect(await feedVersion(db, service)).toBe(1);
  });

  it("does not bring one that has ended back beside a person's word", async () => {
    const made = await create();
    const mine = await create({ origin: person, until: NOW + 600_000 }, NOW + 61_000);
    expect(await prolong(made?.id ?? '', NOW + 120_000, NOW + 62_000)).toBeUndefined();
    expect(await activeIds(NOW + 62_000)).toEqual([mine?.id]);
  });

  it('revives none in a dry run that began after its end, nor against the allow-list', async () => {
    const made = await create();
    await db.update(schema.service).set({ dryRun: true }).where(eq(schema.service.id, service));
    expect(await prolong(made?.id ?? '', NOW + 120_000, NOW + 61_000)).toBeUndefined();
    const settings = { ...DEFAULT_SETTINGS, allow: { ...DEFAULT_SETTINGS.allow, actors: ['ada'] } };
    await db.update(schema.service).set({ dryRun: false, settings }).where(eq(schema.service.id, service));
    expect(await prolong(made?.id ?? '', NOW + 120_000, NOW + 61_000)).toBeUndefined();
    expect(await activeIds(NOW + 61_000)).toEqual([]);
  });

  it("leaves lifted, unknown and a person's decisions alone", async () => {
    const mine = await create({ origin: person });
    const lifted = await create({ endpoint: 'GET /other' });
    await lift(lifted?.id ?? '');
    expect(await prolong(mine?.id ?? '', NOW + 90_000)).toBeUndefined();
    expect(await prolong(lifted?.id ?? '', NOW + 90_000)).toBeUndefined();
    expect(await prolong('dec_none', NOW + 90_000)).toBeUndefined();
  });
});

describe('lifting', () => {
  it('ends a decision with a new version, once', async () => {
    const made = await create();
    const lifted = await lift(made?.id ?? '', NOW + 1);
    expect(lifted).toMatchObject({ type: 'lifted', decision: { version: 2, liftedAt: NOW + 1, liftedBy: 'Ada' } });
    expect(await lift(made?.id ?? '', NOW + 2)).toMatchObject({ type: 'over', decision: { liftedAt: NOW + 1 } });
    expect(await activeIds()).toEqual([]);
  });

  it('has nothing to do where the decision is over or unknown', async () => {
    const made = await create();
    expect(await lift(made?.id ?? '', NOW + 60_000)).toMatchObject({ type: 'over' });
    expect(await lift('dec_none')).toEqual({ type: 'missing' });
    expect(await feedVersion(db, service)).toBe(1);
  });

  it('and creating at the same time agree on the versions', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, (_, i) => create({ subject: { type: 'actor', id: `a${i}` } })));
    await Promise.all([
      ...made.map((decision) => lift(decision?.id ?? '')),
      ...Array.from({ length: 8 }, (_, i) => create({ subject: { type: 'actor', id: `b${i}` } })),
    ]);
    expect(await feedVersion(db, service)).toBe(24);
    expect(await activeIds()).toHaveLength(8);
  });
});

describe('hostile ids', () => {
  it.each(["'; drop table decision; --", '__proto__', 'active', 'a\r\nb', '%_\\', '\u{1F6A2}'.repeat(64)])(
    'are data: %j',
    async (id) => {
      const made = await create({ subject: { type: 'actor', id }, reason: id, endpoint: `GET /${id}` });
      expect(made).toMatchObject({ subject: { type: 'actor', id }, reason: id, endpoint: `GET /${id}` });
      expect(await activeDecisions(db, service, NOW)).toEqual([made]);
    },
  );
});

describe('an IPv6 address', () => {
  const address = (id: string) => ({ type: 'address' as const, id });

  it('is held with its /64, in which a fresh one costs nothing', async () => {
    const first = await create({ subject: address('2001:db8:0:7::1') });
    expect(first?.subject).toEqual(address('2001:db8:0:7::/64'));
    const second = await create({ subject: address('2001:db8:0:7:ffff::2') });
    expect(await activeIds()).toEqual([second?.id]);
    const asked = address('2001:db8:0:7::99');
    expect(standing(await readStanding(db, service, [asked], NOW), asked, 'GET /items', false)?.id).toBe(second?.id);
    expect((await readStanding(db, service, [address('2001:db8:0:8::1')], NOW)).active).toEqual([]);
  });

  it('leaves IPv4 addresses, mapped ones and other text alone', async () => {
    const ids = ['192.0.2.7', '::ffff:192.0.2.8', 'not an address'];
    const made = await Promise.all(ids.map((id) => create({ subject: address(id) })));
    expect(made.map((one) => one?.subject.id)).toEqual(['192.0.2.7', '192.0.2.8', 'not an address']);
  });
});
