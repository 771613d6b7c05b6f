import { createPerson, createSignInLink, RETRY_MS, SESSION_IDLE_MS, SIGN_IN_LINK_MS, schema } from '@plimsoll/storage';
import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer } from '../../../../test/setup/admin-server.js';

let server: AdminServer;
beforeAll(async () => {
  server = await AdminServer.start();
});
afterAll(() => server?.close());

const link = async () => {
  const person = await createPerson(server.db, { name: 'Ada', role: 'owner' }, server.now());
  return createSignInLink(server.db, person.id, server.now());
};
const auditOf = async (object: string) =>
  (await server.db.select().from(schema.audit).where(eq(schema.audit.object, object)).orderBy(asc(schema.audit.id))).map(
    ({ action }) => action,
  );
const sessionOf = async (personId: string) => {
  const [row] = await server.db.select().from(schema.session).where(eq(schema.session.personId, personId));
  return row!;
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

  it('says the same for a link that was used, has expired or never was', async () => {
    const expired = await link();
    server.advance(SIGN_IN_LINK_MS);
    const answers = [await server.call('signIn', { body: { token: expired } })];
    answers.push(await server.call('signIn', { body: { token: 'never-was-a-link-of-ours' } }));
    for (const { status, body } of answers) {
      const { requestId: _, ...rest } = body as Record<string, unknown>;
      expect([status, rest]).toMatchObject([401, { code: 'unauthenticated' }]);
    }
    expect(answers[0]?.body['detail']).toBe(answers[1]?.body['detail']);
  });

  it('costs a guesser its tries: 30 a minute from one address, then 429 with Retry-After, and a good link still gets in', async () => {
    server.advance(120_000);
    const statuses: number[] = [];
    const waits: number[] = [];
    // One more is told what was wrong for each two seconds that go by.
    for (let i = 0; i < 40; i += 1) {
      const { status, headers } = await server.call('signIn', { body: { token: `guess-${i}-of-many-more` } });
      statuses.push(status);
      if (status === 429) waits.push(Number(headers.get('retry-after')));
    }
    expect(new Set(statuses.slice(0, 30))).toEqual(new Set([401]));
    expect(waits.length).toBeGreaterThan(0);
    expect(Math.min(...waits)).toBeGreaterThan(0);
    expect((await server.call('signIn', { body: { token: await link() } })).status).toBe(201);
  });
});

describe('refresh', () => {
  it('costs a guesser its tries: 30 wrong cookies a minute from one address, and a good one still gets in', async () => {
    server.advance(120_000);
    const { cookie } = await server.signIn();
    const [name] = cookie.split('=');
    const statuses: number[] = [];
    for (let i = 0; i < 40; i += 1) statuses.push((await server.refresh(`${name}=${String(i).padStart(43, 'x')}`)).status);
    expect([new Set(statuses.slice(0, 30)), statuses.includes(429)]).toEqual([new Set([401]), true]);
    expect((await server.refresh(`${name}=no-token-of-ours`)).status).toBe(401);
    expect((await server.refresh(cookie)).status).toBe(200);
  });

  it('rotates the cookie and gives a new access token of the same session', async () => {
    const visitor = await server.signIn();
    const next = await server.refresh(visitor.cookie);
    expect(next.status).toBe(200);
    expect(next.cookie).not.toBe(visitor.cookie);
    const session = { accessToken: String(next.body['accessToken']) };
    const me = await server.call('me', {}, { holder: visitor.holder, session });
    const risk = { level: 0, takes: 'nothing' };
    expect(me.body).toEqual({ ...visitor.person, allowed: expect.arrayContaining(['session.read']), risk });
  });

  it('eight tabs at once all get in, with one and the same cookie', async () => {
    const visitor = await server.signIn();
    const answers = await Promise.all(Array.from({ length: 8 }, () => server.refresh(visitor.cookie)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(new Set(answers.map(({ cookie }) => cookie)).size).toBe(1);
  });

  it('after a reuse nobody is in any more: not the thief, not the victim, not by the access token', async () => {
    const visitor = await server.signIn();
    const { cookie } = await server.refresh(visitor.cookie);
    expect((await visitor.call('me')).status).toBe(200);
    server.advance(RETRY_MS);
    const reused = await server.refresh(visitor.cookie);
    expect(reused.status).toBe(401);
    expect(reused.headers.getSetCookie()).toEqual([]);
    expect((await server.refresh(cookie)).status).toBe(401);
    expect((await visitor.call('me')).status).toBe(401);
    expect(await auditOf((await sessionOf(visitor.person.id)).id)).toEqual(['session.open', 'session.reuse']);
  });

  it.each([
    ['without a cookie', {}],
    ['with a cookie of another form', { cookie: '__Host-plimsoll-refresh=%00%ff' }],
    ['with the access token as cookie', { cookie: '__Host-plimsoll-refresh=eyJ.eyJ.eyJ' }],
  ])('%s is a 401', async (_, headers) => {
    expect((await server.call('refresh', { headers })).status).toBe(401);
  });

  it('ends an hour after the last one', async () => {
    const visitor = await server.signIn();
    server.advance(SESSION_IDLE_MS);
    expect((await server.refresh(visitor.cookie)).status).toBe(401);
  });
});

describe('sign-out', () => {
  it('ends the session at once in every process, and clears the cookie', async () => {
    const other = await AdminServer.start({ shared: server });
    try {
      const visitor = await server.signIn();
      expect((await other.call('me', {}, visitor)).status).toBe(200);
      const out = await visitor.call('signOut');
      expect([out.status, out.text]).toEqual([204, '']);
      expect(out.headers.getSetCookie()[0]).toMatch(/^__Host-plimsoll-refresh=;.*Expires=Thu, 01 Jan 1970/);
      expect((await visitor.call('me')).status).toBe(401);
      expect((await server.refresh(visitor.cookie)).status).toBe(401);
      // Sooner than what the other process remembers of a session would have run out.
      await expect.poll(() => other.call('me', {}, visitor).then(({ status }) => status), { timeout: 4_000 }).toBe(401);
      expect(await auditOf((await sessionOf(visitor.person.id)).id)).toEqual(['session.open', 'session.close']);
    } finally {
      await other.close();
    }
  });
});
