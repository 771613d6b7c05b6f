/** Dry runs, blocks that wait for a person, and the allow-list: what is recorded, what bouncers are told, what is undone. */
import type { EnforceableSubject } from '@plimsoll/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { activeDecisions } from '../../../test/setup/decisions.js';
import { onItsOwnService } from '../../../test/setup/own-service.js';
import type { Database } from './database.js';
import { listDecisions, readDryRun } from './decision-queries.js';
import { AllowListed, confirmDecision, createDecision, type DecisionDraft, liftDecision, prolongDecision } from './decisions.js';
import { feedSince, feedSnapshot, feedVersion } from './feed.js';
import { applyAllowList, settlePending, stopEnforcing } from './service-decisions.js';
import { updateService } from './services.js';

const NOW = 1_790_000_000_000;
const DEED = { personName: 'Kim', now: NOW };
let db: Database;
let service = '';
onItsOwnService(NOW, (own) => {
  ({ db, service } = own);
});

const person = { type: 'person', name: 'Ada' } as const;
const draft = (id: string, change: Partial<DecisionDraft> = {}): DecisionDraft => ({
  service,
  action: 'block',
  subject: { type: 'actor', id },
  endpoint: null,
  rate: null,
  reason: 'far too many',
  origin: { type: 'policy', name: 'block' },
  alertId: null,
  until: NOW + 600_000,
  ...change,
});
const create = (id: string, change: Partial<DecisionDraft> = {}, now = NOW) =>
  db.transaction((tx) => createDecision(tx, draft(id, change), now));
const address = (id: string) => ({ subject: { type: 'address', id } satisfies EnforceableSubject });
const active = async (now = NOW) => (await activeDecisions(db, service, now)).map(({ subject }) => subject.id);
const told = async (since = 0) => {
  const change = await feedSince(db, service, since, NOW);
  return change.type === 'delta' ? change.decisions.map(({ subject }) => subject.id) : change.type;
};
const inSnapshot = async () => {
  const ids: string[] = [];
  const { allow } = await feedSnapshot(db, service, NOW, (some) => void ids.push(...some.map(({ subject }) => subject.id)));
  return { ids, allow };
};
const listed = (mode: 'dry-run' | 'pending' | 'enforced') =>
  listDecisions(db, { within: 'all', service, active: true, mode, limit: 50 }, NOW).then(({ items }) =>
    items.map(({ subject }) => subject.id),
  );

describe('a dry run', () => {
  beforeEach(() => updateService(db, service, { dryRun: true }));

  it('records what policies would have done, and tells no bouncer', async () => {
    expect(await create('mallory')).toMatchObject({ mode: 'dry-run', action: 'block', seconds: 600 });
    expect([await active(), await told(), (await inSnapshot()).ids]).toEqual([[], [], []]);
    expect(await listed('dry-run')).toEqual(['mallory']);
    expect((await listDecisions(db, { within: 'all', service, active: true, limit: 50 }, NOW)).items).toEqual([]);
  });

  it('is about policies alone: what a person decides is enforced', async () => {
    await create('mallory');
    expect(await create('mallory', { origin: person })).toMatchObject({ mode: 'enforced' });
    expect([await active(), await told()]).toEqual([['mallory'], ['mallory']]);
    expect(await listed('dry-run')).toEqual([]);
  });

  it('counts subjects, not decisions, latest first', async () => {
    const rate = { requests: 1, windowSeconds: 60 };
    const throttle = (id: string, at: number) => create(id, { action: 'throttle', rate, until: at + 60_000 }, at);
    await throttle('old', NOW - 8 * 86_400_000);
    await throttle('ada', NOW - 5_000);
    await throttle('bob', NOW - 4_000);
    await throttle('ada', NOW - 3_000);
    await create('ada', {}, NOW - 2_000);
    await create('watched', { action: 'monitor' });
    const { blocked, throttled, subjects } = await readDryRun(db, service, NOW - 7 * 86_400_000);
    expect([blocked, throttled]).toEqual([1, 2]);
    expect(subjects).toMatchObject([
      { subject: { type: 'actor', id: 'ada' }, blocks: 1, throttles: 2, lastAt: NOW - 2_000, reason: 'far too many' },
      { subject: { type: 'actor', id: 'bob' }, blocks: 0, throttles: 1 },
    ]);
    expect(await readDryRun(db, 'nothing-here', 0)).toEqual({ since: 0, blocked: 0, throttled: 0, subjects: [] });
  });

  it('ends by enforcing what comes, and begins by lifting what policies had in force', async () => {
    await create('before');
    await updateService(db, service, { dryRun: false });
    expect(await create('mallory')).toMatchObject({ mode: 'enforced' });
    await create('by-hand', { origin: person });
    expect(await active()).toEqual(['mallory', 'by-hand']);
    const { version, lifted } = await db.transaction((tx) => stopEnforcing(tx, service, DEED));
    expect(lifted).toMatchObject([{ subject: { id: 'mallory' }, liftedBy: 'Kim', version }]);
    expect([await active(), await feedVersion(db, service)]).toEqual([['by-hand'], version]);
  });
});

describe('the room of policies', () => {
  const block = (id: string, weight = 1, now = NOW) => create(id, { room: 5, weight, until: now + 600_000 }, now);

  it('is for so many newly blocked sources a minute; what is more waits for a person', async () => {
    const modes = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) => block(id)));
    expect(modes.map((one) => one?.mode).sort()).toEqual([...Array(5).fill('enforced'), 'pending', 'pending']);
    expect((await active()).length).toBe(5);
    expect((await told()).length).toBe(5);
    expect((await block('h', 1, NOW + 60_000))?.mode).toBe('enforced');
  });

  it('is filled by an office at once: an address weighs what stands behind it', async () => {
    expect(await create('', { ...address('192.0.2.7'), room: 5, weight: 6 })).toMatchObject({ mode: 'pending', weight: 6 });
    expect(await create('', { ...address('192.0.2.8'), room: 5, weight: 5 })).toMatchObject({ mode: 'enforced' });
    expect((await block('ada'))?.mode).toBe('pending');
  });

  it('bounds no throttles, no persons, and nobody who is blocked already', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) await block(id);
    const rate = { requests: 1, windowSeconds: 60 };
    expect(await create('f', { action: 'throttle', rate, room: 5 })).toMatchObject({ mode: 'enforced' });
    expect(await create('g', { origin: person, room: 5 })).toMatchObject({ mode: 'enforced' });
    expect(await create('a', { room: 5, until: NOW + 3_600_000 })).toMatchObject({ mode: 'enforced' });
  });

  it('bounds who is blocked on another endpoint only: an office is more than the sign-in of one of it', async () => {
    const office = address('192.0.2.7');
    expect(await create('', { ...office, room: 5, weight: 1, endpoint: 'POST /login' })).toMatchObject({ mode: 'enforced' });
    expect(await create('', { ...office, room: 5, weight: 500, endpoint: null })).toMatchObject({ mode: 'pending' });
    expect(await create('', { ...office, room: 5, weight: 500, endpoint: 'POST /login' })).toMatchObject({ mode: 'enforced' });
  });

  it('leaves the throttle of who waits in force', async () => {
    const rate = { requests: 1, windowSeconds: 60 };
    const throttle = await create('mallory', { action: 'throttle', rate });
    expect(await create('mallory', { room: 5, weight: 9 })).toMatchObject({ mode: 'pending' });
    expect((await activeDecisions(db, service, NOW)).map(({ id }) => id)).toEqual([throttle?.id]);
  });
});

describe('a pending block', () => {
  const pending = (id: string) => create(id, { room: 5, weight: 9 });
  const confirm = (id: string, now = NOW) => db.transaction((tx) => confirmDecision(tx, id, now));

  it('is in force from a person’s word on, for the whole of its step, in place of a throttle', async () => {
    await create('mallory', { action: 'throttle', rate: { requests: 1, windowSeconds: 60 } });
    const made = await pending('mallory');
    const later = NOW + 300_000;
    expect(await confirm(made?.id ?? '', later)).toMatchObject({
      type: 'confirmed',
      decision: { mode: 'enforced', until: later + 600_000, action: 'block' },
    });
    expect((await activeDecisions(db, service, later)).map(({ action }) => action)).toEqual(['block']);
    expect((await confirm(made?.id ?? '', later)).type).toBe('over');
    expect((await confirm('dec_none')).type).toBe('missing');
  });

  it('is dismissed by lifting it, and policies leave the subject alone for a while', async () => {
    const made = await pending('mallory');
    expect(await db.transaction((tx) => liftDecision(tx, made?.id ?? '', 'Kim', NOW))).toMatchObject({ type: 'lifted' });
    expect(await create('mallory', { room: 5 })).toBeUndefined();
    expect((await confirm(made?.id ?? '')).type).toBe('over');
  });

  it('is over when nobody has answered in time, and is prolonged like any other', async () => {
    const made = await pending('mallory');
    await db.transaction((tx) => prolongDecision(tx, made?.id ?? '', NOW + 900_000, NOW + 300_000));
    expect((await confirm(made?.id ?? '', NOW + 900_000)).type).toBe('over');
    expect((await confirm(made?.id ?? '', NOW + 899_999)).type).toBe('confirmed');
  });

  it('is settled with all others by one answer', async () => {
    await create('b', { action: 'throttle', rate: { requests: 1, windowSeconds: 60 } });
    await create('b', { action: 'throttle', rate: { requests: 1, windowSeconds: 60 }, endpoint: 'GET /elsewhere' });
    for (const id of ['a', 'b', 'c']) await pending(id);
    const settle = (answer: 'confirm' | 'dismiss') => db.transaction((tx) => settlePending(tx, service, answer, DEED));
    const confirmed = await settle('confirm');
    expect(confirmed.map(({ subject, mode, until }) => [subject.id, mode, until]).sort()).toEqual(
      ['a', 'b', 'c'].map((id) => [id, 'enforced', NOW + 600_000]),
    );
    const inForce = (await activeDecisions(db, service, NOW)).map(({ action, subject, endpoint }) => [
      action,
      subject.id,
      endpoint,
    ]);
    expect(inForce.sort()).toEqual([
      ['block', 'a', null],
      ['block', 'b', null],
      ['block', 'c', null],
      ['throttle', 'b', 'GET /elsewhere'],
    ]);
    for (const id of ['d', 'e']) await pending(id);
    expect((await settle('dismiss')).map(({ liftedBy }) => liftedBy)).toEqual(['Kim', 'Kim']);
    expect([await listed('pending'), await settle('confirm')]).toEqual([[], []]);
  });
});

describe('the allow-list', () => {
  const allow = (fields: object) =>
    db.transaction(async (tx) => {
      await updateService(tx, service, { settings: { allow: { actors: [], addresses: [], credentials: [], ...fields } } });
      return applyAllowList(tx, service, DEED);
    });

  it('wins over policies and refuses persons', async () => {
    await allow({ actors: ['ops-*'], addresses: ['198.51.100.0/24', '2001:db8:7::/48'], credentials: ['key-1'] });
    const subjects = [
      { type: 'actor', id: 'ops-1' },
      { type: 'address', id: '198.51.100.9' },
      { type: 'address', id: '2001:db8:7:1::5' },
      { type: 'credential', id: 'key-1' },
    ] as const;
    for (const subject of subjects) {
      expect(await create('', { subject })).toBeUndefined();
      await expect(create('', { subject, origin: person })).rejects.toBeInstanceOf(AllowListed);
    }
    expect(await create('ops')).toBeDefined();
    expect(await create('', address('198.51.101.9'))).toBeDefined();
  });

  it('of one IPv6 address keeps no policy from its network, which the bouncer knows apart', async () => {
    await allow({ addresses: ['2001:db8:7:1::5'] });
    await expect(create('', { ...address('2001:db8:7:1::5'), origin: person })).rejects.toBeInstanceOf(AllowListed);
    expect(await create('', address('2001:db8:7:1::6'))).toMatchObject({ subject: { id: '2001:db8:7:1::/64' } });
  });

  it('lifts what stands against who is added, whoever decided it, and takes a version', async () => {
    await create('ops-1');
    await create('ops-2', { origin: person });
    await create('mallory');
    const before = (await feedVersion(db, service)) ?? 0;
    const { version, lifted } = await allow({ actors: ['ops-*'] });
    expect(version).toBe(before + 1);
    expect(lifted.map(({ subject, liftedBy }) => [subject.id, liftedBy])).toEqual([
      ['ops-1', 'Kim'],
      ['ops-2', 'Kim'],
    ]);
    expect(await active()).toEqual(['mallory']);
    const change = await feedSince(db, service, before, NOW);
    expect(change).toMatchObject({ lifted: lifted.map(({ id }) => id), allow: { actors: ['ops-*'] } });
  });

  it('goes with each snapshot, and with the delta in which it changed alone', async () => {
    expect((await inSnapshot()).allow).toEqual({ actors: [], addresses: [], credentials: [] });
    const { version } = await allow({ credentials: ['key-1'] });
    await create('mallory');
    expect((await inSnapshot()).allow.credentials).toEqual(['key-1']);
    expect(await feedSince(db, service, version - 1, NOW)).toMatchObject({ allow: { credentials: ['key-1'] } });
    expect(await feedSince(db, service, version, NOW)).not.toHaveProperty('allow');
  });
});
