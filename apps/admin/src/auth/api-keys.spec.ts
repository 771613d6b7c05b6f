/** API keys that read the admin API: what they see, that they change nothing, and how soon they end. */
import { adminApi, type Operation, type OperationName } from '@plimsoll/contracts';
import { createKey, createService, type KeyDraft, revokeKey, schema } from '@plimsoll/storage';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Answer, type Visitor } from '../../../../test/setup/admin-server.js';
import { insertAlert, insertPending, T0 } from '../../../../test/setup/records.js';

let server: AdminServer;
let owner: Visitor;
const alerts: Record<string, string> = {};
beforeAll(async () => {
  server = await AdminServer.start();
  for (const id of ['shop', 'ledger']) {
    await createService(server.db, { id }, T0);
    alerts[id] = await insertAlert(server.db, { service: id });
    await insertPending(server.db, id, `${id}-user`);
  }
  owner = await server.signIn('owner');
});
afterAll(() => server?.close());

const make = async (draft: Partial<KeyDraft> = {}) =>
  createKey(server.db, { service: 'shop', name: 'reader', scopes: ['admin:read'], pin: 'p'.repeat(22), ...draft }, server.now());
const read = (secret: string, path: string, init: { method?: string; body?: string } = {}): Promise<Answer> =>
  server.fetch(path, {
    ...init,
    headers: { authorization: `Bearer ${secret}`, ...(init.body !== undefined && { 'content-type': 'application/json' }) },
  });
const statusOf = async (secret: string, path: string) => (await read(secret, path)).status;

describe('a key with admin:read', () => {
  it('reads alerts, decisions, traffic and its service, of its service alone', async () => {
    const { secret } = await make();
    for (const path of ['/api/alerts', '/api/decisions', '/api/services', '/api/overview']) {
      const { status, text } = await read(secret, path);
      expect([path, status, text.includes('shop'), text.includes('ledger')]).toEqual([path, 200, true, false]);
    }
    expect(await statusOf(secret, `/api/alerts/${alerts['shop']}`)).toBe(200);
    expect(await statusOf(secret, `/api/alerts/${alerts['ledger']}`)).toBe(404);
    expect(await statusOf(secret, '/api/traffic?service=ledger')).toBe(404);
    expect(await statusOf(secret, '/api/services/shop/endpoints')).toBe(200);
  });

  it('sees nothing of the installation, of its people, of keys, and has no session', async () => {
    const { secret } = await make();
    const people = ['/api/me', '/api/account', '/api/members', '/api/assignees'];
    for (const path of [...people, '/api/audit', '/api/access-policies', '/api/installation'])
      expect([path, await statusOf(secret, path)]).toEqual([path, 403]);
    expect(await statusOf(secret, '/api/services/shop/keys')).toBe(404);
  });

  it('changes nothing: every operation that is no GET is refused, whatever own policies permit', async () => {
    const { secret } = await make();
    const body = { name: 'all', text: 'permit (principal, action, resource);' };
    const { body: made } = await owner.call('createAccessPolicy', { body });
    const changing = (Object.entries(adminApi) as [OperationName, Operation][]).filter(
      ([, { method, open }]) => method !== 'GET' && !open,
    );
    expect(changing.length).toBeGreaterThan(20);
    for (const [name, { method, path }] of changing) {
      const url = path.replace('{id}', path.startsWith('/api/services') ? 'shop' : (alerts['shop'] ?? ''));
      const answer = await read(secret, url, { method, ...(method === 'DELETE' ? {} : { body: '{}' }) });
      expect([name, answer.status, answer.text.includes('changes nothing')]).toEqual([name, 403, true]);
    }
    expect(await statusOf(secret, '/api/audit')).toBe(403);
    await owner.call('deleteAccessPolicy', { params: { id: String(made['id']) } });
  });

  it('can be held back by own policies', async () => {
    const { secret } = await make();
    const text = 'forbid (principal, action == Action::"decision.read", resource) when { principal.role == "key" };';
    const { body } = await owner.call('createAccessPolicy', { body: { name: 'no decisions', text } });
    expect((await read(secret, '/api/decisions')).body['items']).toEqual([]);
    await owner.call('deleteAccessPolicy', { params: { id: String(body['id']) } });
  });

  it('opens nothing without the scope, with another secret, revoked, or after its end', async () => {
    expect(await statusOf((await make({ scopes: ['ingest:write', 'decisions:read'] })).secret, '/api/alerts')).toBe(403);
    const { secret, key } = await make();
    const other = (await make()).secret;
    expect(await statusOf(secret.slice(0, 18) + other.slice(18), '/api/alerts')).toBe(401);
    expect(await statusOf('plim_nothing', '/api/alerts')).toBe(401);
    expect(await statusOf(secret, '/api/alerts')).toBe(200);
    await revokeKey(server.db, key.id, server.now());
    await expect.poll(() => statusOf(secret, '/api/alerts'), { timeout: 5_000, interval: 250 }).toBe(401);
    const short = await make({ expiresAt: server.now() + 60_000 });
    expect(await statusOf(short.secret, '/api/alerts')).toBe(200);
    server.advance(61_000);
    expect(await statusOf(short.secret, '/api/alerts')).toBe(401);
  });

  it('is made in the console by who may, after a proof, and says when it was used last', async () => {
    const body = { name: 'dashboard', scopes: ['admin:read'] };
    const made = await owner.call('createKey', { params: { id: 'shop' }, body });
    expect(made.status).toBe(201);
    expect(await statusOf(String(made.body['secret']), '/api/alerts')).toBe(200);
    const lastUse = async () =>
      (
        await server.db
          .select()
          .from(schema.serviceKey)
          .where(eq(schema.serviceKey.id, String(made.body['id'])))
      )[0]?.lastUsedAt;
    await expect.poll(lastUse, { timeout: 15_000, interval: 500 }).not.toBeNull();
  });

  it('cannot be guessed: wrong ones cost the network, and known ones go on', async () => {
    const { secret } = await make();
    expect(await statusOf(secret, '/api/alerts')).toBe(200);
    const guess = (i: number) => `plim_${String(i).padStart(12, '0')}_${'x'.repeat(43)}`;
    const statuses = [];
    for (let i = 0; i < 40; i += 1) statuses.push(await statusOf(guess(i), '/api/alerts'));
    expect([statuses[0], statuses.at(-1)]).toEqual([401, 429]);
    expect(await statusOf(secret, '/api/alerts')).toBe(200);
  });
});
