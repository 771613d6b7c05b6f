/**
 * What one may use at the cost of others, and whose it is: a budget of calls for each person and API key (T42), and behind a proxy of
 * one's own the address of who stands before it, so that one sender does not spend what all others have (T39).
 */
import { createPerson, createSignInLink, readAudit } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Visitor } from '../setup/admin-server.js';
import { IngestServer } from '../setup/ingest-server.js';
import { listen } from '../setup/listener.js';
import { insertAlert, insertService } from '../setup/records.js';

const LOOPBACK = '127.0.0.1,::1';
const CLIENT = '198.51.100.7';
/** As a proxy appends it to what the client claims. */
const through = (client: string) => ({ 'x-forwarded-for': `203.0.113.9, 10.0.0.1, ${client}`, 'x-real-ip': '203.0.113.9' });

let server: AdminServer;
let owner: Visitor;
beforeAll(async () => {
  server = await AdminServer.start({ env: { TRUSTED_PROXIES: LOOPBACK } });
  await insertService(server.db);
  await insertAlert(server.db);
  owner = await server.signIn('owner', 'Ada');
});
afterAll(() => server?.close());

const newestAddress = async (action: string) => (await readAudit(server.db, { action }, { limit: 1 }))[0]?.address;

describe('T39: behind a proxy of one’s own', () => {
  it('the address is what the proxy saw, in the audit, in sessions and for the policy', async () => {
    await owner.call('createService', { body: { id: 'forwarded' }, headers: through(CLIENT) });
    expect(await newestAddress('service.create')).toBe(CLIENT);
    const token = await createSignInLink(
      server.db,
      (await createPerson(server.db, { name: 'Vic', role: 'viewer' }, server.now())).id,
      server.now(),
    );
    expect((await server.call('signIn', { body: { token }, headers: through(CLIENT) })).status).toBe(201);
    expect(await newestAddress('session.open')).toBe(CLIENT);
    const text = `forbid (principal, action == Action::"alert.read", resource) when { context.address.isInRange(ip("${CLIENT}/32")) };`;
    const made = await owner.call('createAccessPolicy', { body: { name: 'Not from there', text } });
    const seen = async (client: string) => (await owner.call('alerts', { headers: through(client) })).body['items'];
    expect([made.status, await seen(CLIENT), await seen('198.51.100.8')]).toEqual([201, [], [expect.anything()]]);
    await owner.call('deleteAccessPolicy', { params: { id: String(made.body['id']) } });
  });

  it('it is that of the live channel too', async () => {
    const text = 'forbid (principal, action == Action::"session.renew", resource) when { principal.role == "analyst" };';
    const made = await owner.call('createAccessPolicy', { body: { name: 'No renewal', text } });
    const analyst = await server.signIn('analyst', 'Bob');
    const { socket, close } = await listen(server, analyst, through(CLIENT));
    socket.emit('renew', server.liveCredentials(analyst), () => {});
    await expect.poll(() => newestAddress('access.denied')).toBe(CLIENT);
    close();
    await owner.call('deleteAccessPolicy', { params: { id: String(made.body['id']) } });
  });

  it('who guesses there is held back, and nobody else behind the same proxy', async () => {
    const guess = async (client: string) =>
      (await server.call('signInWithCode', { body: { code: 'AAAA-AAAA-AAAA' }, headers: through(client) })).status;
    const statuses = await Promise.all(Array.from({ length: 70 }, () => guess(CLIENT)));
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(10);
    expect(await guess('198.51.100.8')).toBe(401);
  });

  it('the same at ingestion: unknown keys of one sender hold back no other', async () => {
    // Its clock stands still, so that no budget comes back while the machine is busy.
    const at = Date.now();
    const door = await IngestServer.start({ TRUSTED_PROXIES: LOOPBACK }, { now: () => at });
    try {
      const prefix = () => Math.random().toString(36).slice(2, 14).padEnd(12, '0');
      const tries = (client: string) => door.send('{}', through(client), `plim_${prefix()}_${'A'.repeat(43)}`);
      const statuses = await Promise.all(Array.from({ length: 160 }, async () => (await tries(CLIENT)).status));
      expect(statuses).toContain(401);
      expect((await tries(CLIENT)).status).toBe(429);
      expect((await tries('198.51.100.8')).status).toBe(401);
    } finally {
      await door.stop();
    }
  });
});

describe('T42: calls of one person', () => {
  it('come to an end for a moment, for this person alone, and the next second goes on', async () => {
    const limits = { calls: { calls: 40, windowMs: 60_000 } };
    const mine = await AdminServer.start({ limits });
    try {
      const [ada, bob] = [await mine.signIn('owner', 'Ada'), await mine.signIn('viewer', 'Bob')];
      const answers = await Promise.all(Array.from({ length: 80 }, () => ada.call('me')));
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThanOrEqual(20);
      expect(refused[0]?.body['code']).toBe('too-many-requests');
      expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect((await bob.call('me')).status).toBe(200);
      mine.advance(3_000);
      expect((await ada.call('me')).status).toBe(200);
    } finally {
      await mine.close();
    }
  });
});
