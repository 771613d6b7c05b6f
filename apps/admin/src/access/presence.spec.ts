/** Passkeys and proofs of presence as the access policy sees them: what it denies without one, and how it is asked again with one. */
import { createSignInLink } from '@plimsoll/storage';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Visitor } from '../../../../test/setup/admin-server.js';
import { KeyHolder } from '../../../../test/setup/key-holder.js';
import { insertAlert, insertService } from '../../../../test/setup/records.js';

let server: AdminServer;
let owner: Visitor;
let analyst: Visitor;
beforeAll(async () => {
  server = await AdminServer.start();
  await insertService(server.db);
  [owner, analyst] = [await server.signIn('owner', 'Ada'), await server.signIn('analyst', 'Bob')];
});
afterEach(async () => {
  const { own } = (await owner.call('accessPolicies')).body as { own: { id: string }[] };
  for (const { id } of own) await owner.call('deleteAccessPolicy', { params: { id } });
});
afterAll(() => server?.close());

describe('presence', () => {
  const acknowledge = async (visitor: Visitor, stepUp = true) => {
    const { status, body } = await visitor.call('acknowledge', {
      params: { id: await insertAlert(server.db) },
      body: {},
      stepUp,
    });
    return [status, body['code']];
  };
  const wanting = (what: string) =>
    owner.call('createAccessPolicy', {
      body: {
        name: 'presence',
        text: `forbid (principal, action == Action::"alert.acknowledge", resource)\nunless { ${what} };`,
      },
    });

  it('is asked for where an own policy wants it, for each call, and is no way around what is denied anyway', async () => {
    await wanting('context has stepUpAgeSeconds && context.stepUpAgeSeconds < 60 && context.userVerified');
    expect(await acknowledge(analyst, false)).toEqual([403, 'step-up-required']);
    expect(await acknowledge(analyst)).toEqual([200, undefined]);
    expect(await acknowledge(analyst, false)).toEqual([403, 'step-up-required']);
    expect(await acknowledge(await server.signInByLink('analyst'))).toEqual([403, 'passkey-required']);
    expect(await acknowledge(await server.signIn('viewer'))).toEqual([403, 'forbidden']);
  });

  it('is asked for again where the step-up lets somebody by without it: a first passkey, which an own policy holds back', async () => {
    const newcomer = await server.signInByLink('analyst');
    expect((await newcomer.call('passkeyOptions')).status).toBe(200);
    const text = 'forbid (principal, action == Action::"passkey.add", resource) unless { context has stepUpAgeSeconds };';
    expect((await owner.call('createAccessPolicy', { body: { name: 'presence', text } })).status).toBe(201);
    const { status, body } = await newcomer.call('passkeyOptions');
    expect([status, body['code'], body['detail']]).toEqual([403, 'forbidden', expect.stringContaining('own.')]);
  });

  it('can be told by the passkeys that a person has', async () => {
    const [one, none] = [await server.signIn('analyst'), await server.signInByLink('analyst')];
    const { passkeys } = (await one.call('account')).body as { passkeys: { synced: boolean }[] };
    await wanting(`principal.passkeys == 1 && principal.deviceBound == ${!passkeys[0]?.synced}`);
    expect([await acknowledge(one), await acknowledge(none)]).toEqual([
      [200, undefined],
      [403, 'forbidden'],
    ]);
    await server.enrol(one, 'Second');
    expect(await acknowledge(one)).toEqual([403, 'forbidden']);
  });

  it('not proved, in a session by a link beside a passkey: nothing is left but to look at the account and to prove it', async () => {
    const first = await server.signInByLink('owner');
    const holder = new KeyHolder();
    const token = await createSignInLink(server.db, first.person.id, server.now());
    const second = server.visitorOf(await server.call('signIn', { body: { token } }, { holder }), first.authenticator, holder);
    await insertAlert(server.db);
    const seen = async () => ((await second.call('alerts')).body['items'] as unknown[]).length;
    expect([(await second.call('members')).status, (await seen()) > 0]).toEqual([200, true]);
    await server.enrol(first);
    server.advance(6_000);
    const members = await second.call('members');
    expect([members.status, members.body['code'], members.text]).toEqual([
      403,
      'forbidden',
      expect.stringContaining('platform.link-only'),
    ]);
    expect([await seen(), (await second.call('account')).status]).toEqual([0, 200]);
    expect((await second.call('passkeyOptions', { stepUp: false })).body['code']).toBe('step-up-required');
    expect((await second.call('passkeyOptions')).status).toBe(200);
    server.advance(1_000);
    expect([(await second.call('members')).status, (await seen()) > 0]).toEqual([200, true]);
  });
});
