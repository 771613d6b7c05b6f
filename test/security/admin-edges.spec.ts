/**
 * What callers say about themselves is no fact (T39 of the attack list), what they bring is kept nowhere (T43), and answers are for
 * our own pages alone (T49): against one running server.
 */
import { createSignInLink, schema } from '@plimsoll/storage';
import { desc, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Visitor } from '../setup/admin-server.js';
import { operationNames, operationOf } from '../setup/contract.js';
import { insertService } from '../setup/records.js';

let server: AdminServer;
let owner: Visitor;
beforeAll(async () => {
  server = await AdminServer.start();
  await insertService(server.db);
  owner = await server.signIn('owner', 'Ada');
});
afterAll(() => server?.close());

const STRANGE = '203.0.113.66';
/** Every way in which proxies tell of the client, none of which is asked for here. */
const spoofed = (address = STRANGE): Record<string, string> => ({
  'x-forwarded-for': `${address}, 198.51.100.1`,
  forwarded: `for=${address};host=evil.example;proto=https`,
  'x-real-ip': address,
  'x-client-ip': address,
  'true-client-ip': address,
  'cf-connecting-ip': address,
  'x-forwarded-host': 'evil.example',
  'x-forwarded-proto': 'https',
  'x-forwarded-port': '443',
  'x-original-url': '/api/members',
  'x-rewrite-url': '/api/members',
});
const decide = (headers: Record<string, string> = {}) =>
  owner.call('decide', {
    headers,
    body: { service: 'shop', action: 'block', subject: { type: 'actor', id: 'mallory' }, durationSeconds: 60, reason: 'x' },
  });
const lastRow = async () => (await server.db.select().from(schema.audit).orderBy(desc(schema.audit.id)).limit(1))[0];

describe('T39: spoofed headers', () => {
  it('change no address in the audit, in sessions or for the policy', async () => {
    expect((await decide()).status).toBe(201);
    const own = (await lastRow())?.address;
    expect(own).toMatch(/^(127\.0\.0\.1|::1|::ffff:127\.0\.0\.1)$/);
    expect((await decide(spoofed())).status).toBe(201);
    expect((await lastRow())?.address).toBe(own);
    const text = `forbid (principal, action == Action::"decision.make", resource) when { context.address.isInRange(ip("${STRANGE}/32")) };`;
    const made = await owner.call('createAccessPolicy', { body: { name: 'Not from there', text } });
    expect(made.status).toBe(201);
    expect((await decide(spoofed())).status).toBe(201);
    const token = await createSignInLink(server.db, owner.person.id, server.now(), { purpose: 'reset' });
    expect((await server.call('signIn', { body: { token }, headers: spoofed() })).status).toBe(201);
    expect(JSON.stringify(await server.db.select().from(schema.session))).not.toContain(STRANGE);
    expect(JSON.stringify(await server.db.select().from(schema.audit))).not.toContain('198.51.100.1');
    owner = await server.signIn('owner', 'Ada');
  });

  it('give no guesser another budget', async () => {
    server.advance(61_000);
    const statuses: number[] = [];
    for (let i = 0; i < 35; i += 1) {
      const headers = spoofed(`203.0.113.${i}`);
      statuses.push((await server.call('signInWithCode', { body: { code: 'AAAA-AAAA-AAAA' }, headers })).status);
    }
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(3);
  });

  it('change no origin: not what a proof is about, not a cookie, not a link', async () => {
    const { accessToken } = owner.session;
    const dpop = owner.holder.proof({ method: 'GET', url: 'https://evil.example/api/me', accessToken });
    const headers = { ...spoofed(), authorization: `DPoP ${accessToken}`, dpop };
    expect((await server.fetch('/api/me', { headers })).body['error']).toBe('invalid_dpop_proof');
    const answer = await server.refresh(owner.cookie, { headers: spoofed() });
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-[\w-]+=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    const invited = await owner.call('invite', { body: { name: 'Bob', role: 'viewer' }, headers: spoofed() });
    expect(new URL(String(invited.body['link'])).origin).toBe(server.context.env.PUBLIC_URL.origin);
    expect((await server.fetch('/openapi.json', { headers: spoofed() })).text).not.toContain('evil.example');
  });

  it('lead to no other route', async () => {
    const { text } = await server.fetch('/api/me', { headers: spoofed() }, owner);
    expect(JSON.parse(text)).toMatchObject({ id: owner.person.id });
    expect(text).not.toContain('"items"');
  });
});

describe('T43: what is secret', () => {
  it('lies in no table, not in Redis and not in the log, however it was brought', async () => {
    const token = await createSignInLink(server.db, owner.person.id, server.now());
    const { codes } = (await owner.call('makeRecoveryCodes')).body as { codes: string[] };
    const key = await owner.call('createKey', { params: { id: 'shop' }, body: { name: 'k' } });
    const invited = await owner.call('invite', { body: { name: 'Eve', role: 'viewer' } });
    const secret = String(key.body['secret']);
    const brought = {
      'the access token': owner.session.accessToken,
      'the token of the socket': owner.session.liveToken,
      'the refresh token': owner.cookie.split('=')[1] ?? '',
      'a link': token,
      'an invitation': String(invited.body['link']).split('#')[1] ?? '',
      'a recovery code': codes[0] ?? '',
      'an API key': /[\w-]{43}$/.exec(secret)?.[0] ?? '', // The secret may hold underscores itself.
    };
    for (const text of Object.values(brought)) {
      expect(text.length).toBeGreaterThan(15);
      await server.fetch(`/api/alerts?access_token=${text}&subject=${text}`, {}, owner);
      await server.fetch(`/sign-in?token=${text}`, { headers: { 'user-agent': 'x', referer: `http://x/${text}` } });
      await server.fetch('/api/me', { headers: { authorization: `Bearer ${text}x`, cookie: `a=${text}`, 'x-api-key': text } });
      await server.call('signIn', { body: { token: `${text}${text}`.slice(0, 200) } });
    }
    const held = { tables: await allTables(), redis: await allOfRedis(), log: server.logLines.join('') };
    for (const [place, all] of Object.entries(held)) {
      expect([place, all.length > 500]).toEqual([place, true]);
      for (const [what, text] of Object.entries(brought)) {
        expect([place, what, all.includes(text)]).toEqual([place, what, false]);
      }
    }
  });

  async function allTables(): Promise<string> {
    const { rows } = await server.db.execute<{ name: string }>(
      sql`select table_name as name from information_schema.tables where table_schema = 'public'`,
    );
    const texts = [];
    for (const { name } of rows) {
      const all = await server.db.execute<{ row: string }>(sql`select t::text as row from ${sql.identifier(name)} t`);
      texts.push(...all.rows.map(({ row }) => row));
    }
    return texts.join('\n');
  }

  async function allOfRedis(): Promise<string> {
    const { redis, env } = server.context;
    const keys = await redis.keys(`*${env.PLIMSOLL_NAMESPACE}*`);
    return (await Promise.all(keys.map(async (key) => `${key} ${await kept(redis, key)}`))).join('\n');
  }

  /** As it was written: a dump is packed (LZF), and no text lies in it as it is. */
  async function kept(redis: AdminServer['context']['redis'], key: string): Promise<string> {
    const type = await redis.type(key);
    if (type === 'string') return (await redis.get(key)) ?? '';
    if (type === 'hash') return JSON.stringify(await redis.hgetall(key));
    if (type === 'set') return (await redis.smembers(key)).join('\n');
    if (type === 'zset') return (await redis.zrange(key, '0', '-1')).join('\n');
    if (type === 'stream') return JSON.stringify(await redis.xrange(key, '-', '+'));
    if (type === 'list') return (await redis.lrange(key, 0, -1)).join('\n');
    if (type === 'none') return ''; // It ended meanwhile.
    throw new Error(`${key} is of a type that is not read: ${type}`);
  }
});

describe('T49: answers to others', () => {
  const asked = [...new Set(operationNames.map((name) => operationOf(name).path.replace('{id}', 'x')))];

  it.each(['http://evil.example', 'null', 'http://localhost:1'])('%s may share nothing, asked before or not', async (origin) => {
    for (const path of [...asked, '/', '/openapi.json', '/.well-known/jwks.json']) {
      const preflight = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'dpop' };
      for (const init of [{ method: 'OPTIONS', headers: preflight }, { headers: { origin } }]) {
        const { headers, status } = await server.fetch(path, init, owner);
        expect([path, [...headers.keys()].filter((name) => name.startsWith('access-control'))]).toEqual([path, []]);
        if (init.method === 'OPTIONS') expect([path, status]).toEqual([path, 404]);
      }
    }
  });
});
