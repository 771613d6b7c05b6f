/**
 * Global deeds that need a second person (T47 of the attack list): for this call, by another owner of every team, once; and nobody makes
 * that person, or leaves an installation in which nobody can be it.
 */
import { alertKinds } from '@plimsoll/contracts';
import { schema, setPersonAttributes, setTwoPersons } from '@plimsoll/storage';
import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AdminServer, type Answer, type CallInput, type Visitor } from '../setup/admin-server.js';
import { insertService } from '../setup/records.js';

let server: AdminServer;
let ada: Visitor;
beforeAll(async () => {
  server = await AdminServer.start();
  await insertService(server.db);
});
afterAll(() => server?.close());
beforeEach(async () => {
  server.advance(61_000);
  ada = await server.signIn('owner', 'Ada');
});
afterEach(() => server.db.transaction((tx) => setTwoPersons(tx, false)));

const codeOf = ({ status, body }: Answer) => [status, body['code']];
const REFUSED = [403, 'step-up-required'];

/** Ladders that stop nobody. */
const watch = { action: 'monitor', seconds: 60 };
const BLUNT = [
  [],
  [{ steps: [watch] }],
  [{ endpoint: 'GET /nowhere', steps: [{ action: 'block', seconds: 600 }] }, { steps: [watch] }],
  [{ severity: 'high', steps: [watch] }, { steps: [{ action: 'block', seconds: 600 }] }],
  [
    {
      steps: [
        { ...watch, seconds: 3_601 },
        { action: 'block', seconds: 600 },
      ],
    },
  ],
  [...alertKinds.map((kind) => ({ kind, steps: [watch] })), { steps: [{ action: 'block', seconds: 600 }] }],
];

describe('T47: a second person', () => {
  it('what blinds needs two, where two are required: this call, by another owner, once', async () => {
    const bob = await server.signIn('owner', 'Bob');
    const off: CallInput = { params: { id: 'shop' }, body: { dryRun: true } };
    expect((await ada.call('requireTwoPersons', { body: { on: true } })).status).toBe(200);
    expect(codeOf(await ada.call('updateService', off))).toEqual([403, 'second-person-required']);
    const { items } = (await bob.call('approvals')).body as { items: { id: string; own: boolean; state: string }[] };
    const waiting = items.filter(({ state }) => state === 'waiting');
    expect(waiting).toMatchObject([{ own: false }]);
    const params = { id: waiting[0]?.id ?? '' };
    expect((await ada.call('approve', { params })).status).toBe(403);
    expect(codeOf(await bob.call('approve', { params, stepUp: false }))).toEqual(REFUSED);
    expect((await bob.call('approve', { params })).status).toBe(200);
    const more: CallInput = { params: { id: 'shop' }, body: { dryRun: true, policy: 'monitor' } };
    expect(codeOf(await ada.call('updateService', more))).toEqual([403, 'second-person-required']);
    expect(codeOf(await bob.call('updateService', off))).toEqual([403, 'second-person-required']);
    expect((await ada.call('updateService', off)).status).toBe(200);
    expect(codeOf(await ada.call('updateService', off))).toEqual([403, 'second-person-required']);
    for (const ladder of BLUNT) {
      const input = { params: { id: 'shop' }, body: { settings: { ladder } } };
      expect([ladder, codeOf(await ada.call('updateService', input))]).toEqual([ladder, [403, 'second-person-required']]);
    }
    const watched = Object.fromEntries(alertKinds.map((kind) => [kind, 'monitor']));
    const open = { actors: [], addresses: ['0.0.0.0/0', '::/0'], credentials: [] };
    for (const settings of [
      { kinds: watched },
      { groups: [{ name: 'all', actors: ['user-*'], kinds: watched }] },
      { allow: open },
      { allow: { ...open, addresses: [], actors: ['user-*'] } },
    ]) {
      const input = { params: { id: 'shop' }, body: { settings } };
      expect([settings, codeOf(await ada.call('updateService', input))]).toEqual([settings, [403, 'second-person-required']]);
    }
    const acting = [
      {
        steps: [
          { action: 'monitor', seconds: 60 },
          { action: 'block', seconds: 600 },
        ],
      },
    ];
    expect((await ada.call('updateService', { params: { id: 'shop' }, body: { settings: { ladder: acting } } })).status).toBe(
      200,
    );
    expect(codeOf(await ada.call('requireTwoPersons', { body: { on: false } }))).toEqual([403, 'second-person-required']);
  });

  it('is not made by the first: who makes an owner, or takes an account over, needs one already', async () => {
    const bob = await server.signIn('owner', 'Bob');
    const kim = await server.signIn('analyst', 'Kim');
    expect((await ada.call('requireTwoPersons', { body: { on: true } })).status).toBe(200);
    const needsTwo = [403, 'second-person-required'];
    expect(codeOf(await ada.call('invite', { body: { name: 'Sock puppet', role: 'owner' } }))).toEqual(needsTwo);
    expect(codeOf(await ada.call('updateMember', { params: { id: kim.person.id }, body: { role: 'owner' } }))).toEqual(needsTwo);
    expect(codeOf(await ada.call('resetMember', { params: { id: bob.person.id }, body: {} }))).toEqual(needsTwo);
    // An owner of some teams approves nothing: every team makes it one who does.
    const sees = (everyTeam: boolean) => ({ attributes: { everyTeam, teams: [], services: [], groups: [] } });
    expect(codeOf(await ada.call('updateMember', { params: { id: bob.person.id }, body: sees(true) }))).toEqual(needsTwo);
    expect((await ada.call('updateMember', { params: { id: kim.person.id }, body: sees(false) })).status).toBe(200);
    expect((await ada.call('invite', { body: { name: 'Analyst', role: 'analyst' } })).status).toBe(201);
    // Whoever has to be stopped is stopped by one; two let that person back in.
    const disabled = (on: boolean) => ada.call('updateMember', { params: { id: kim.person.id }, body: { disabled: on } });
    expect((await disabled(true)).status).toBe(200);
    expect(codeOf(await disabled(false))).toEqual(needsTwo);
  });

  it('who is an owner no more has approved nothing', async () => {
    const bob = await server.signIn('owner', 'Bob');
    expect((await ada.call('requireTwoPersons', { body: { on: true } })).status).toBe(200);
    const off: CallInput = { params: { id: 'shop' }, body: { policy: 'monitor' } };
    expect(codeOf(await ada.call('updateService', off))).toEqual([403, 'second-person-required']);
    const { items } = (await bob.call('approvals')).body as { items: { id: string; state: string }[] };
    const params = { id: items.find(({ state }) => state === 'waiting')?.id ?? '' };
    expect((await bob.call('approve', { params })).status).toBe(200);
    const role = (to: 'owner' | 'analyst') =>
      server.db.update(schema.person).set({ role: to }).where(eq(schema.person.id, bob.person.id));
    await role('analyst');
    expect(codeOf(await ada.call('updateService', off))).toEqual([403, 'second-person-required']);
    await role('owner');
    await setPersonAttributes(server.db, bob.person.id, { everyTeam: false });
    expect(codeOf(await ada.call('updateService', off))).toEqual([403, 'second-person-required']);
    await setPersonAttributes(server.db, bob.person.id, { everyTeam: true });
    expect((await ada.call('updateService', off)).status).toBe(200);
  });

  it('is not asked for where the access policy lets nobody give the word: nothing could be changed any more', async () => {
    await server.signIn('owner', 'Bob');
    const text = 'forbid (principal, action == Action::"approval.approve", resource);';
    const made = await ada.call('createAccessPolicy', { body: { name: 'no second', text } });
    expect(made.status).toBe(201);
    expect(codeOf(await ada.call('requireTwoPersons', { body: { on: true } }))).toEqual([409, 'conflict']);
    const params = { id: String(made.body['id']) };
    expect((await ada.call('deleteAccessPolicy', { params })).status).toBe(204);
    expect((await ada.call('requireTwoPersons', { body: { on: true } })).status).toBe(200);
  });
});
