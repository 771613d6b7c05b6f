/**
 * The wall between teams as an owner puts it up, in an invitation or later: it holds in every process and on open sockets, stands in
 * the audit, and nobody takes it down from inside.
 */
import { createService, schema } from '@plimsoll/storage';
import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Visitor } from '../setup/admin-server.js';
import { Authenticator } from '../setup/authenticator.js';
import { listen } from '../setup/listener.js';
import { insertAlert, T0 } from '../setup/records.js';

const SECRET = 'ledger';
let server: AdminServer;
let insider: Visitor;
let theirs: string;

beforeAll(async () => {
  server = await AdminServer.start();
  await createService(server.db, { id: 'shop', team: 'sales' }, T0);
  await createService(server.db, { id: SECRET, team: 'bank' }, T0);
  insider = await server.signIn('owner', 'Ada');
  theirs = await insertAlert(server.db, { service: SECRET });
});
afterAll(() => server?.close());

describe('the wall is put up in the product', () => {
  const sales = { everyTeam: false, teams: ['sales'], services: [], groups: ['night'] };
  const nothing = { everyTeam: false, teams: [], services: [], groups: [] };
  const update = (by: Visitor, id: string, attributes: object, stepUp = true) =>
    by.call('updateMember', { params: { id }, body: { attributes }, stepUp });
  const seesTheirs = async (visitor: Visitor, by = server) =>
    (await by.call('alert', { params: { id: theirs } }, visitor)).status === 200;

  it('by an owner who proves presence: in every process and on open sockets without a new sign-in, and back', async () => {
    const other = await AdminServer.start({ shared: server });
    const mia = await server.signIn('analyst', 'Mia');
    const { id } = mia.person;
    try {
      const [heard, all] = [await listen(server, mia), await listen(server, insider)];
      expect([await seesTheirs(mia), await seesTheirs(mia, other)]).toEqual([true, true]);
      expect((await update(insider, id, sales, false)).body['code']).toBe('step-up-required');
      expect((await update(insider, id, sales)).body).toMatchObject({ sessions: 1, attributes: sales });
      expect(await seesTheirs(mia)).toBe(false);
      // Sooner than what the other process remembers of a session would have run out.
      await expect.poll(() => seesTheirs(mia, other), { timeout: 4_000 }).toBe(false);
      await insider.call('acknowledge', { params: { id: theirs }, body: {} });
      await insider.call('acknowledge', { params: { id: await insertAlert(server.db) }, body: {} });
      await expect.poll(() => all.events.length).toBe(2);
      await expect.poll(() => heard.events.length).toBe(1);
      expect(JSON.stringify(heard.events)).not.toContain(SECRET);
      expect(heard.socket.connected).toBe(true);
      expect((await update(insider, id, { ...nothing, everyTeam: true })).status).toBe(200);
      expect(await seesTheirs(mia)).toBe(true);
      heard.close();
      all.close();
    } finally {
      await other.close();
    }
    const changes = and(eq(schema.audit.action, 'member.update'), eq(schema.audit.object, id));
    const [row] = await server.db.select().from(schema.audit).where(changes).orderBy(schema.audit.id).limit(1);
    expect([row?.personId, row?.detail]).toEqual([
      insider.person.id,
      expect.objectContaining({
        before: expect.objectContaining({ attributes: { ...nothing, everyTeam: true } }),
        after: expect.objectContaining({ attributes: sales }),
      }),
    ]);
  });

  it('from the first sign-in on, where the invitation says so', async () => {
    const body = { name: 'Noa', role: 'viewer', attributes: sales };
    const invited = await insider.call('invite', { body });
    expect(invited.body['member']).toMatchObject({ attributes: sales });
    const token = String(invited.body['link']).split('#')[1];
    const noa = server.visitorOf(
      await server.call('signIn', { body: { token } }),
      new Authenticator(server.context.env.PUBLIC_URL.origin),
    );
    await server.enrol(noa);
    expect(await seesTheirs(noa)).toBe(false);
    expect((await noa.call('services')).text).not.toContain(SECRET);
    const made = and(eq(schema.audit.action, 'member.invite'), eq(schema.audit.object, noa.person.id));
    expect((await server.db.select().from(schema.audit).where(made))[0]?.detail).toMatchObject({ attributes: sales });
  });

  it('whole or not at all: what is left out grants nothing', async () => {
    const { id } = await server.signIn('viewer', 'Pia').then(({ person }) => person);
    for (const part of [{}, { teams: ['sales'] }, { everyTeam: false }, { ...sales, everyTeam: undefined }])
      expect((await update(insider, id, part)).status).toBe(400);
  });

  it('nobody takes it down from inside, and an owner of every team stays', async () => {
    const walled = await server.signIn('owner', 'Wim');
    await update(insider, walled.person.id, sales);
    expect((await update(walled, walled.person.id, { ...sales, everyTeam: true })).status).toBe(403);
    const { body } = await insider.call('members');
    const members = body['items'] as { id: string; role: string; attributes: { everyTeam: boolean } }[];
    const others = members.filter(
      ({ id, role, attributes }) => role === 'owner' && attributes.everyTeam && id !== insider.person.id,
    );
    for (const { id } of others) expect((await update(insider, id, sales)).status).toBe(200);
    expect((await update(insider, insider.person.id, sales)).status).toBe(409);
    expect((await insider.call('requireTwoPersons', { body: { on: true } })).status).toBe(409);
  });
});
