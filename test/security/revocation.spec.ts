/**
 * T11 of the attack list: what is revoked is over, on HTTP before the five seconds are over for which another process may remember
 * a session, on open sockets too, with Redis away or not; and nothing of before a sign-in is good after it.
 */
import { revokePersonSessions, schema } from '@plimsoll/storage';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Visitor } from '../setup/admin-server.js';
import { listen } from '../setup/listener.js';

let one: AdminServer;
let two: AdminServer;
let owner: Visitor;
beforeAll(async () => {
  one = await AdminServer.start();
  two = await AdminServer.start({ shared: one });
  owner = await one.signIn();
});
afterAll(async () => {
  await two?.close();
  await one?.close();
});

const untilRefused = async (visitor: Visitor) => {
  for (;;) {
    if ((await two.call('me', {}, visitor)).status === 401) return performance.now();
  }
};

describe('T11: revoked', () => {
  it('in one process, a person is out of the other: ten times', async () => {
    for (let round = 0; round < 10; round += 1) {
      const visitor = await one.signIn('analyst');
      expect((await two.call('me', {}, visitor)).status).toBe(200);
      const ended = await owner.call('endMemberSessions', { params: { id: visitor.person.id } });
      expect([ended.status < 300, ended.text]).toEqual([true, expect.anything()]);
      const at = performance.now();
      expect((await untilRefused(visitor)) - at).toBeLessThan(4_000);
      expect((await two.refresh(visitor.cookie)).status).toBe(401);
    }
  });

  it('a socket is cut', async () => {
    const visitor = await one.signIn('analyst');
    const { socket } = await listen(two, visitor);
    const cut = new Promise((resolve) => socket.once('disconnect', resolve));
    await owner.call('endMemberSessions', { params: { id: visitor.person.id } });
    await cut;
  });

  it('with Redis away nobody gets in by HTTP, and a socket is cut within five seconds', async () => {
    const deaf = await AdminServer.start({ shared: one });
    const visitor = await one.signIn('analyst');
    const { socket } = await listen(deaf, visitor);
    const cut = new Promise<number>((resolve) => socket.once('disconnect', () => resolve(performance.now())));
    deaf.context.redis.disconnect();
    deaf.context.subscriber.disconnect();
    expect((await deaf.call('me', {}, visitor)).status).toBe(503);
    expect(socket.connected).toBe(true);
    const at = performance.now();
    await one.db.transaction((tx) => revokePersonSessions(tx, visitor.person.id, 'test', one.now()));
    expect((await cut) - at).toBeLessThan(5_000);
    expect((await deaf.refresh(visitor.cookie)).status).toBe(401);
    await deaf.close();
  });
});

describe('T11: a sign-in', () => {
  it('begins a new session, and the one that this browser had before is over', async () => {
    const before = await one.signIn('analyst');
    const { body } = await one.call('signInOptions');
    const assertion = before.authenticator.use(body as never, {}, before.authenticator.passkeys[0]);
    const again = await one.call('signInWithPasskey', { body: { assertion }, headers: { cookie: before.cookie } });
    expect(again.status).toBeLessThan(300);
    expect((await one.call('me', {}, before)).status).toBe(401);
    expect((await one.refresh(before.cookie)).status).toBe(401);
    const rows = await one.db.select().from(schema.session).where(eq(schema.session.personId, before.person.id));
    expect(rows.map(({ revokedReason }) => revokedReason).sort()).toEqual([null, 'replaced']);
  });
});
