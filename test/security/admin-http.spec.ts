/**
 * The admin's HTTP side under attack (T16, T20, T44, T45, T49 of the attack list), against the running server: closed by
 * default, open to our own page only, silent about its inside.
 */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { adminApi, type Operation, type OperationName } from '@plimsoll/contracts';
import { schema } from '@plimsoll/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, expectQuiet, type Visitor } from '../setup/admin-server.js';
import { insertService } from '../setup/records.js';

let server: AdminServer;
let owner: Visitor;
beforeAll(async () => {
  server = await AdminServer.start();
  await insertService(server.db);
  owner = await server.signIn('owner', 'Ada');
});
afterAll(() => server?.close());

const names = Object.keys(adminApi) as OperationName[];
const json = { 'content-type': 'application/json' };
describe('T16: changes from elsewhere', () => {
  const post = (headers: Record<string, string>) =>
    server.fetch('/api/services', { method: 'POST', body: '{"id":"forged"}', headers: { ...json, ...headers } }, owner);

  it.each<[string, Record<string, string>]>([
    ['another origin', { origin: 'http://evil.example' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['the same host on another port', { origin: 'http://localhost:1' }],
    ['a look-alike', { origin: 'http://localhost.evil.example' }],
    ['another site by fetch metadata', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling by fetch metadata', { 'sec-fetch-site': 'same-site' }],
    ['a typed address by fetch metadata', { 'sec-fetch-site': 'none' }],
    ['our origin and another site at once', { origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' }],
  ])('%s is refused', async (_, headers) => {
    expect((await post(headers)).status).toBe(403);
  });

  it('no origin at all is refused', async () => {
    const url = `${server.origin}/api/services`;
    const body = '{"id":"forged"}';
    const { accessToken } = owner.session;
    const status = await new Promise((resolve, reject) => {
      const dpop = owner.holder.proof({ method: 'POST', url, accessToken, body });
      const headers = { authorization: `DPoP ${accessToken}`, dpop, ...json };
      const sent = request(url, { method: 'POST', headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      sent.on('error', reject);
      sent.end(body);
    });
    expect(status).toBe(403);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json\t; a',
    'application/jsonx',
    'text/json',
  ])('a body as %j is not read', async (type) => {
    expect((await post({ 'content-type': type })).status).toBe(415);
  });

  it.each(['cross-site', 'same-site'])('a read from %s by fetch metadata is refused', async (site) => {
    expect((await owner.call('services', { headers: { 'sec-fetch-site': site } })).status).toBe(403);
  });

  it.each(['same-origin', 'none'])('a read from %s by fetch metadata is answered', async (site) => {
    expect((await owner.call('services', { headers: { 'sec-fetch-site': site } })).status).toBe(200);
  });

  it('left nothing behind', async () => {
    const { body } = await owner.call('services');
    expect(JSON.stringify(body)).not.toContain('forged');
  });
});

describe('T20: ways around the guards', () => {
  it.each([
    '/api/alerts/',
    '//api/alerts',
    '/api//alerts',
    '/API/alerts',
    '/api/%61lerts',
    '/./api/alerts',
    '/api/alerts;x',
    '/api/alerts%00',
  ])('%s does not open the list', async (path) => {
    const answer = await server.fetch(path);
    expect(answer.text).not.toContain('"items"');
    expect([200, 400, 401, 404]).toContain(answer.status);
    if (answer.status === 200) expect(answer.headers.get('content-type')).toMatch(/^text\/(html|plain)/);
  });

  it.each(['x-http-method-override', 'x-method-override', 'x-http-method'])('%s changes no method', async (header) => {
    const answer = await server.fetch('/api/services', { headers: { [header]: 'POST' } }, owner);
    expect(answer.body['items']).toBeDefined();
  });

  it('a HEAD is as closed as its GET', async () => {
    expect((await server.fetch('/api/alerts', { method: 'HEAD' })).status).toBe(401);
    expect((await server.fetch('/api/alerts', { method: 'HEAD' }, owner)).status).toBe(200);
  });

  it.each(['PUT', 'OPTIONS', 'PATCH'])('%s where there is none is a 404', async (method) => {
    expect((await server.fetch('/api/alerts', { method }, owner)).status).toBe(404);
  });
});

describe('T44: odd paths', () => {
  it.each([
    '/%',
    '/%zz',
    `/api/alerts/${'a'.repeat(5_000)}`,
    '/api/alerts/..%2f..%2fetc%2fpasswd',
    '/..%2f..%2fpackage.json',
    '/docs/..%2fpackage.json',
    '/docs/package.json',
    '/api/none',
  ])('%s says nothing about the inside', async (path) => {
    const answer = await server.fetch(path, {}, owner);
    expectQuiet(answer);
    expect(answer.text).not.toMatch(/root:|"dependencies"/);
  });
});

describe('T49: headers', () => {
  const expected = (origin: string) => ({
    'content-security-policy': `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; object-src 'none'; manifest-src 'self'; connect-src 'self' ${origin.replace('http', 'ws')}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'; report-uri /api/content-reports`,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  });
  const paths = [
    '/',
    '/alerts/abc',
    '/none.js',
    '/.well-known/security.txt',
    '/api/session/nonce',
    '/docs/swagger-ui.css',
    '/openapi.json',
    '/.well-known/jwks.json',
    '/healthz',
    '/readyz',
    '/%',
    '/api/none',
  ];

  it.each([...paths, ...names.map((name) => `${adminApi[name].method} ${adminApi[name].path.replace('{id}', 'x')}`)])(
    '%s',
    async (route) => {
      const [method = '', path = ''] = route.includes(' ') ? route.split(' ') : ['GET', route];
      const { headers } = await server.fetch(path, { method, headers: { origin: 'http://evil.example' } }, owner);
      expect(Object.fromEntries(headers)).toMatchObject(expected(server.origin));
      expect(headers.get('access-control-allow-origin')).toBeNull();
      if (path.startsWith('/api')) expect(headers.get('cache-control')).toBe('no-store');
    },
  );

  it('the readable page holds no inline script, and is the one that may make HTML of strings', async () => {
    const { text, headers } = await server.fetch('/docs');
    const trusted = "; require-trusted-types-for 'script'; trusted-types 'none'";
    const policy = expected(server.origin)['content-security-policy'].replace(trusted, '');
    expect(headers.get('content-security-policy')).toBe(policy);
    expect(text).toMatch(/<script src="\/docs\/swagger-ui-bundle\.js"><\/script>/);
    expect(text).not.toMatch(/<script>|<script [^>]*>[^<]|\son\w+=/);
  });
});

describe('the inventory', () => {
  it('the OpenAPI document lists exactly the operations of the contract', async () => {
    const { body } = await server.fetch('/openapi.json');
    const listed = Object.entries(body['paths'] as Record<string, Record<string, { operationId: string }>>).flatMap(
      ([path, item]) => Object.entries(item).map(([method, { operationId }]) => `${operationId} ${method.toUpperCase()} ${path}`),
    );
    const contract = Object.entries<Operation>(adminApi).map(([name, { method, path }]) => `${name} ${method} ${path}`);
    expect(listed.sort()).toEqual(contract.sort());
    const references = [...JSON.stringify(body).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name ?? '',
    );
    const { schemas } = body['components'] as { schemas: object };
    for (const name of references) expect(schemas).toHaveProperty(name);
    expect(JSON.stringify(body)).not.toContain('#/$defs');
  });

  it('the key set holds public parts alone', async () => {
    const { body } = await server.fetch('/.well-known/jwks.json');
    for (const key of body['keys'] as Record<string, unknown>[]) {
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    }
    expect((body['keys'] as unknown[]).length).toBeGreaterThanOrEqual(2);
  });
});

describe('T45: with a store away', () => {
  it('every operation fails closed with a 503, and says nothing of why', async () => {
    const broken = await AdminServer.start();
    const visitor = await broken.signIn();
    await broken.context.db.$client.end();
    broken.advance(6_000); // What was known of the session is stale by now.
    // A challenge to sign in needs no store; what is done with it does.
    const storeless = ['refresh', 'signInOptions'];
    for (const name of names.filter((each) => !('body' in adminApi[each]) && !storeless.includes(each))) {
      const answer = await visitor.call(name, { params: { id: 'x' } });
      expect([name, answer.status]).toEqual([name, 503]);
      expect(answer.headers.get('retry-after')).toBe('2');
      expectQuiet(answer);
    }
    expect((await broken.refresh(visitor.cookie)).status).toBe(503);
    expect((await broken.fetch('/readyz')).status).toBe(503);
    expect((await broken.fetch('/healthz')).status).toBe(200);
    await broken.close().catch(() => undefined); // The pool was ended twice.
  });

  it('left to itself, the tables show no trace of what was refused above', async () => {
    const services = await server.db.select({ id: schema.service.id }).from(schema.service);
    expect(services).toEqual([{ id: 'shop' }]);
  });
});

describe('T30: slow senders', () => {
  const drip = async (head: string): Promise<string> => {
    const socket = connect(Number(slow.context.env.PORT), '127.0.0.1');
    socket.on('error', () => undefined);
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.write(head);
    const drops = setInterval(() => socket.write('X'), 50);
    await once(socket, 'close');
    clearInterval(drops);
    return text;
  };
  let slow: AdminServer;
  beforeAll(async () => {
    slow = await AdminServer.start({ limits: { headersMs: 300, requestMs: 600, checkMs: 50 } });
  });
  afterAll(() => slow?.close());

  it('are let go while their headers drip in', async () => {
    expect(await drip('GET /healthz HTTP/1.1\r\nHost: x\r\n')).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('are let go while their body drips in', async () => {
    const head = 'POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n';
    expect(await drip(head)).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect((await slow.fetch('/healthz')).status).toBe(200);
  });
});
