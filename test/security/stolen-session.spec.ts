/**
 * T10 of the attack list, and copies of a whole browser: what is worth what to a thief, against two running servers. In each case
 * nobody gets in who should not, the session ends everywhere, the audit has it, and its owner is told.
 */
import { schema } from '@plimsoll/storage';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Visitor } from '../setup/admin-server.js';
import { KeyHolder } from '../setup/key-holder.js';
import { listen } from '../setup/listener.js';

let one: AdminServer;
let two: AdminServer;
beforeAll(async () => {
  one = await AdminServer.start();
  two = await AdminServer.start({ shared: one });
});
afterAll(async () => {
  await two?.close();
  await one?.close();
});

const signIn = () => one.signIn('owner', 'Ada', new KeyHolder());
const sessionOf = async ({ person }: Visitor) => {
  const rows = await one.db.select().from(schema.session).where(eq(schema.session.personId, person.id));
  return rows[0]!;
};
const auditOf = async (visitor: Visitor) => {
  const { id } = await sessionOf(visitor);
  return (await one.db.select().from(schema.audit).where(eq(schema.audit.object, id))).map(({ action }) => action);
};

/** The owner is out in both processes, its socket is cut, and the next sign-in says what happened. */
async function expectEnded(victim: Visitor, action: string, cookie = victim.cookie, count?: number): Promise<void> {
  expect((await one.call('me', {}, victim)).status).toBe(401);
  await expect.poll(() => two.call('me', {}, victim).then(({ status }) => status), { timeout: 4_000 }).toBe(401);
  const last = await two.refresh(cookie, { holder: victim.holder, ...(count !== undefined && { count }) });
  expect([last.status, last.body['code'], last.cookie]).toEqual([401, 'session-copied', '']);
  expect(last.body['detail']).toContain('a copy of it was used');
  expect(await auditOf(victim)).toContain(action);
  const options = await one.call('signInOptions');
  const assertion = victim.authenticator.use(options.body as never, {}, victim.authenticator.passkeys[0]);
  const again = await one.call('signInWithPasskey', { body: { assertion } }, { holder: victim.holder });
  const account = await one.call('account', {}, { holder: victim.holder, session: again.body as unknown as Visitor['session'] });
  expect((account.body['notices'] as { kind: string }[]).map(({ kind }) => kind)).toContain('session-reused');
}

describe('T10: without the key', () => {
  it('a copied cookie gets nothing, and its use ends the session at once, sockets too', async () => {
    const victim = await signIn();
    const socket = await listen(two, victim);
    const cut = new Promise((resolve) => socket.socket.once('disconnect', resolve));
    const theft = await one.refresh(victim.cookie, { holder: new KeyHolder() });
    expect([theft.status, theft.body['code'], theft.body['accessToken'], theft.cookie]).toEqual([
      401,
      'session-copied',
      undefined,
      '',
    ]);
    await cut;
    await expectEnded(victim, 'session.theft');
  });

  it('a copied access token gets nothing with a proof of another key, and its use ends the session', async () => {
    const victim = await signIn();
    const theft = await two.call('me', {}, { holder: new KeyHolder(), session: victim.session });
    expect(theft.status).toBe(401);
    await expectEnded(victim, 'session.token-theft');
  });

  // Names of schemes ignore case (RFC 9110, 11.1).
  it.each(['Bearer', 'bearer'])(
    'a copied access token as a %s token (the downgrade) gets nothing, and its use ends the session',
    async (scheme) => {
      const victim = await signIn();
      const headers = { authorization: `${scheme} ${victim.session.accessToken}` };
      expect((await one.fetch('/api/me', { headers })).status).toBe(401);
      await expectEnded(victim, 'session.token-theft');
    },
  );

  it('what was never a token of ours ends nobody’s session', async () => {
    const bystander = await signIn();
    const cut = bystander.session.accessToken.slice(0, -4);
    for (const scheme of ['Bearer', 'DPoP']) {
      expect((await one.fetch('/api/me', { headers: { authorization: `${scheme} ${cut}AAAA` } })).status).toBe(401);
    }
    await one.call('me', {}, { holder: new KeyHolder(), session: { accessToken: `${cut}AAAA` } });
    expect((await bystander.call('me')).status).toBe(200);
  });
});

describe('a copied browser: key, count and cookies', () => {
  it('is caught when the second of the two refreshes, within the seconds in which a retry is answered too', async () => {
    const victim = await signIn();
    const clone = victim.holder.clone();
    const byClone = await two.refresh(victim.cookie, { holder: clone, count: 1 });
    expect(byClone.status).toBe(200);
    const byOwner = await one.refresh(victim.cookie, { holder: victim.holder, count: 1 });
    expect([byOwner.status, byOwner.body['code']]).toEqual([401, 'session-copied']);
    const again = await two.refresh(byClone.cookie, { holder: clone, count: 2 });
    expect([again.status, again.body['code']]).toEqual([401, 'session-copied']);
    await expectEnded(victim, 'session.copy', victim.cookie, 2);
  });

  it('is caught where it counts ahead, and where it stops counting', async () => {
    for (const counts of [
      [9, 2],
      [2, undefined],
    ] as const) {
      const victim = await signIn();
      const first = await one.refresh(victim.cookie, { holder: victim.holder, count: 1 });
      const byClone = await one.refresh(first.cookie, { holder: victim.holder.clone(), ...(counts[0] && { count: counts[0] }) });
      const late = { holder: victim.holder, ...(counts[1] !== undefined && { count: counts[1] }) };
      one.advance(11_000);
      expect((await one.refresh(first.cookie, late)).status).toBe(401);
      expect((await one.refresh(byClone.cookie, { holder: victim.holder.clone(), count: 10 })).status).toBe(401);
    }
  });

  it('nobody is taken for a copy whose answer was lost, whose tabs race, or whose machine slept', async () => {
    const owner = await signIn();
    const lost = await one.refresh(owner.cookie, { holder: owner.holder, count: 1 });
    one.advance(20 * 60_000);
    const retried = await two.refresh(owner.cookie, { holder: owner.holder, count: 2 });
    expect([retried.status, retried.cookie]).toEqual([200, lost.cookie]);
    const tabs = await Promise.all([4, 3, 5, 6].map((count) => one.refresh(retried.cookie, { holder: owner.holder, count })));
    expect(tabs.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(tabs.map(({ cookie }) => cookie)).size).toBe(1);
  });
});
