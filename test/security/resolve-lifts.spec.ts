/**
 * Resolving as a way around lifting (T47): a verdict that undoes what policies hold is asked of the access policy as the lifts that it
 * is, and counted as they are, one by one and two hundred at a time.
 */
import { createService, findDecision } from '@plimsoll/storage';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AdminServer, type Answer, type Visitor } from '../setup/admin-server.js';
import { insertAlert, insertHeld, insertService, T0 } from '../setup/records.js';

let server: AdminServer;
let owner: Visitor;
let analyst: Visitor;
beforeAll(async () => {
  server = await AdminServer.start();
  await insertService(server.db);
  owner = await server.signIn('owner', 'Ada');
});
beforeEach(async () => {
  analyst = await server.signIn('analyst', 'Bob');
});
afterEach(async () => {
  const { own } = (await owner.call('accessPolicies')).body as { own: { id: string }[] };
  for (const { id } of own) await owner.call('deleteAccessPolicy', { params: { id } });
});
afterAll(() => server?.close());

interface Held {
  id: string;
  decision: string;
}
const held = async (): Promise<Held> => {
  const id = await insertAlert(server.db);
  return { id, decision: await insertHeld(server.db, id) };
};
const crowd = (count: number) => Promise.all(Array.from({ length: count }, held));
const holds = async ({ decision }: Held) => (await findDecision(server.db, decision))?.liftedAt === null;
const howMany = async (all: readonly Held[]) => (await Promise.all(all.map(holds))).filter(Boolean).length;

const triage = (alerts: readonly { id: string }[], verdict: string, who = analyst, stepUp = false) =>
  who.call('triage', { body: { act: { type: 'resolve', verdict }, alerts: alerts.map(({ id }) => ({ id })) }, stepUp });
const resolve = ({ id }: { id: string }, verdict: string, who = analyst, stepUp = false) =>
  who.call('resolve', { params: { id }, body: { verdict }, stepUp });
const codeOf = ({ status, body }: Answer) => [status, body['code']];
const typesOf = ({ body }: Answer) => (body['results'] as { type: string }[]).map(({ type }) => type);

describe('T47: many at once', () => {
  it.each(['false-positive', 'expected-change'])('%s lets nobody go without presence, and all with it', async (verdict) => {
    const all = await crowd(25);
    expect(codeOf(await triage(all, verdict))).toEqual([403, 'step-up-required']);
    expect(await howMany(all)).toBe(25);
    expect((await analyst.call('alert', { params: { id: all[0]!.id } })).body['alert']).toMatchObject({ state: 'open' });
    const done = await triage(all, verdict, analyst, true);
    expect([done.status, new Set(typesOf(done))]).toEqual([200, new Set(['changed'])]);
    expect(await howMany(all)).toBe(0);
  });

  it('one by one are as many, and so are those lifted before', async () => {
    const all = await crowd(22);
    const codes = [];
    for (const each of all.slice(0, 10)) codes.push((await resolve(each, 'false-positive')).status);
    for (const { decision: id } of all.slice(10, 20))
      codes.push((await analyst.call('lift', { params: { id }, body: {}, stepUp: false })).status);
    expect(codes).toEqual(Array(20).fill(200));
    expect(codeOf(await resolve(all[20]!, 'false-positive'))).toEqual([403, 'step-up-required']);
    expect(await holds(all[20]!)).toBe(true);
    expect((await resolve(all[20]!, 'false-positive', analyst, true)).status).toBe(200);
    expect(await holds(all[20]!)).toBe(false);
    expect(codeOf(await analyst.call('lift', { params: { id: all[21]!.decision }, body: {}, stepUp: false }))).toEqual([
      403,
      'step-up-required',
    ]);
  });

  it('need no presence where nothing is lifted: an attack, alerts that hold nobody, or that are resolved already', async () => {
    const all = await crowd(25);
    expect(typesOf(await triage(all, 'true-positive'))).toEqual(Array(25).fill('changed'));
    expect(await howMany(all)).toBe(25);
    expect(typesOf(await triage(all, 'false-positive'))).toEqual(Array(25).fill('unchanged'));
    const idle = await Promise.all(Array.from({ length: 25 }, async () => ({ id: await insertAlert(server.db) })));
    expect(typesOf(await triage(idle, 'false-positive'))).toEqual(Array(25).fill('changed'));
  });
});

describe('alerts behind the wall', () => {
  const OTHERS = 'ledger';
  beforeAll(async () => {
    await createService(server.db, { id: OTHERS, team: 'bank' }, T0);
  });
  const theirs = async () => {
    const id = await insertAlert(server.db, { service: OTHERS });
    return { id, decision: await insertHeld(server.db, id, { service: OTHERS }) };
  };

  it('are told by no proof that is asked for, and take nothing of the ten minutes', async () => {
    const walled = { attributes: { everyTeam: false, teams: [], services: ['shop'], groups: [] } };
    expect((await owner.call('updateMember', { params: { id: analyst.person.id }, body: walled })).status).toBe(200);
    const [hidden, mine] = [await Promise.all(Array.from({ length: 21 }, theirs)), await held()];
    const answer = await triage([mine, ...hidden], 'false-positive');
    expect([answer.status, typesOf(answer)]).toEqual([200, ['changed', ...Array(21).fill('missing')]]);
    expect([await holds(mine), await howMany(hidden)]).toEqual([false, 21]);
    expect(codeOf(await resolve(hidden[0]!, 'false-positive'))).toEqual([404, 'not-found']);
    const more = await crowd(20);
    expect((await triage(more.slice(0, 19), 'false-positive')).status).toBe(200);
    expect(codeOf(await triage([more[19]!, ...hidden], 'false-positive'))).toEqual([403, 'step-up-required']);
  });

  it('count where they are resolved though unseen', async () => {
    const text = `forbid (principal, action in Action::"read", resource is Alert) unless { principal.role == "owner" };`;
    await owner.call('createAccessPolicy', { body: { name: 'Unseen', text } });
    const all = await crowd(21);
    expect(codeOf(await triage(all, 'false-positive'))).toEqual([403, 'step-up-required']);
    expect(await howMany(all)).toBe(21);
  });
});

describe('who may not lift', () => {
  beforeEach(async () => {
    const text = `forbid (principal, action == Action::"decision.lift", resource)
when { resource.environment == "production" }
unless { principal.role == "owner" };`;
    expect((await owner.call('createAccessPolicy', { body: { name: 'Owners lift', text } })).status).toBe(201);
  });

  it.each(['false-positive', 'expected-change'])(
    'may not resolve as %s what holds somebody, and is told why',
    async (verdict) => {
      const one = await held();
      const refused = await resolve(one, verdict, analyst, true);
      expect(codeOf(refused)).toEqual([403, 'forbidden']);
      expect(refused.body['detail']).toMatch(
        /^You may not do this \(decision\.lift\)\. With this verdict, .* is lifted\. .*own\./,
      );
      expect(codeOf(await triage([one], verdict, analyst, true))).toEqual([403, 'forbidden']);
      expect(await holds(one)).toBe(true);
      expect((await analyst.call('alert', { params: { id: one.id } })).body['alert']).toMatchObject({ state: 'open' });
      expect([(await resolve(one, verdict, owner)).status, await holds(one)]).toEqual([200, false]);
    },
  );

  it('may resolve what holds nobody, and what was an attack', async () => {
    const [one, two, idle] = [await held(), await held(), { id: await insertAlert(server.db) }];
    expect(typesOf(await triage([one, idle, two], 'false-positive', analyst, true))).toEqual(['denied', 'changed', 'denied']);
    expect((await resolve(one, 'true-positive')).status).toBe(200);
    expect(await howMany([one, two])).toBe(2);
  });

  it('is told of no alert that it may not see, nor of decisions that it may not read', async () => {
    const hidden = 'forbid (principal, action == Action::"decision.read", resource) unless { principal.role == "owner" };';
    await owner.call('createAccessPolicy', { body: { name: 'Hidden', text: hidden } });
    const one = await held();
    expect(codeOf(await resolve(one, 'false-positive'))).toEqual([403, 'forbidden']);
    const text = 'forbid (principal, action in Action::"read", resource is Alert) unless { principal.role == "owner" };';
    await owner.call('createAccessPolicy', { body: { name: 'Unseen', text } });
    const [answer, none] = [await resolve(one, 'false-positive'), await resolve({ id: 'alt_none' }, 'false-positive')];
    expect([codeOf(answer), answer.body['detail']]).toEqual([[404, 'not-found'], none.body['detail']]);
    expect(typesOf(await triage([one, { id: 'alt_none' }], 'false-positive'))).toEqual(['missing', 'missing']);
  });
});
