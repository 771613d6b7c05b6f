import { createPerson, createSignInLink, SESSION_END_MS, SESSION_IDLE_MS, SIGN_IN_LINK_MS } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer } from '../../../../test/setup/admin-server.js';

let server: AdminServer;
beforeAll(async () => {
  server = await AdminServer.start();
});
afterAll(() => server.close());

const link = async () => {
  const person = await createPerson(server.db, { name: 'Ada', role: 'owner' }, server.now());
  return createSignInLink(server.db, person.id, server.now());
};

describe('sign-in', () => {
  it('takes a one-time link once, and gives a token of 15 minutes and a cookie that no script can read', async () => {
    const token = await link();
    const first = await server.call('signIn', { body: { token } });
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({ person: { name: 'Ada', role: 'owner' } });
    const lifeMs = Number(first.body['expiresAt']) - server.now();
    expect(lifeMs).toBeGreaterThan(14 * 60_000);
    expect(lifeMs).toBeLessThanOrEqual(15 * 60_000);
    const cookie = first.headers.getSetCookie()[0];
    for (const part of [/^__Host-plimsoll-refresh=[\w-]{43};/, /HttpOnly/, /Secure/, /SameSite=Strict/, /Path=\/(;|$)/]) {
      expect(cookie).toMatch(part);
    }
    expect(cookie).not.toMatch(/Domain/i);
    const second = await server.call('signIn', { body: { token } });
    expect(second.status).toBe(401);
    expect(second.headers.getSetCookie()).toEqual([]);
    expect(second.body['detail']).toContain('sign-in-link');
  });
});
