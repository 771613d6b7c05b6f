/**
 * T9 of the attack list: proofs (DPoP, RFC 9449) that are not what they must be, against the running server. The prover shares no
 * code with it (node:crypto by hand).
 */
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Answer, type Visitor } from '../setup/admin-server.js';
import { KeyHolder, type ProofAbout } from '../setup/key-holder.js';

let server: AdminServer;
let visitor: Visitor;
beforeAll(async () => {
  server = await AdminServer.start();
  visitor = await server.signIn();
});
afterAll(() => server?.close());

const place = (path = '/api/me') => server.context.env.PUBLIC_URL.origin + path;
const about = (change: Partial<ProofAbout> = {}): ProofAbout => ({
  method: 'GET',
  url: place(),
  accessToken: visitor.session.accessToken,
  ...change,
});
const proof = (change: Partial<ProofAbout> = {}) => visitor.holder.proof(about(change));
const ask = (dpop: string | undefined, headers: Record<string, string> = {}): Promise<Answer> =>
  server.fetch('/api/me', {
    headers: { authorization: `DPoP ${visitor.session.accessToken}`, ...(dpop !== undefined && { dpop }), ...headers },
  });
const expectRefused = async (dpop: string | undefined, error = 'invalid_dpop_proof') => {
  const answer = await ask(dpop);
  expect([answer.status, answer.body['error']]).toEqual([401, error]);
  expect(answer.headers.get('www-authenticate')).toBe(`DPoP error="${error}", algs="ES256"`);
  expect(answer.headers.get('cache-control')).toBe('no-store');
};
const longAgo = { iat: 1_000_000 };

describe('a right proof', () => {
  it('gets in, once', async () => {
    const used = proof();
    expect((await ask(used)).status).toBe(200);
    await expectRefused(used);
  });

  it('of a stranger is good once too', async () => {
    const body = JSON.stringify({ token: 'no-such-link-0123456789' });
    const used = visitor.holder.proof({ method: 'POST', url: place('/api/session'), body });
    const knock = () =>
      server.fetch('/api/session', { method: 'POST', body, headers: { 'content-type': 'application/json', dpop: used } });
    expect((await knock()).status).toBe(401); // The proof is good, and the link none.
    expect(await knock()).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
  });

  it.each([
    ['with a query', '?x=1'],
    ['with a fragment', '#part'],
    ['with letters that need not be escaped', ''],
  ])('is taken whose address is written %s', async (_, more) => {
    const htu = more === '' ? place('/%61pi/%6de') : place() + more;
    expect((await ask(proof({ claims: { htu } }))).status).toBe(200);
  });

  it('is dated by the nonce: a clock that is off does not matter', async () => {
    expect((await ask(proof({ claims: longAgo }))).status).toBe(200);
    expect((await ask(proof({ claims: { iat: 4_000_000_000 } }))).status).toBe(200);
  });
});

describe('T9: a proof', () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  it.each<[string, () => string | undefined]>([
    ['that is missing', () => undefined],
    ['that is empty', () => ''],
    ['that is rubbish', () => 'a.b.c'],
    ['twice in one field', () => `${proof()}, ${proof()}`],
    ['of another method', () => proof({ method: 'POST' })],
    ['of a method in small letters', () => proof({ claims: { htm: 'get' } })],
    ['of another path', () => proof({ url: place('/api/alerts') })],
    ['of a path below it', () => proof({ url: place('/api/me/') })],
    ['of another host', () => proof({ claims: { htu: 'http://evil.example/api/me' } })],
    ['of our host on another port', () => proof({ claims: { htu: 'http://localhost:1/api/me' } })],
    ['of another scheme', () => proof({ claims: { htu: place().replace('http', 'https') } })],
    ['of a host with a name before it', () => proof({ claims: { htu: place().replace('//', '//user@') } })],
    ['without an address', () => proof({ claims: { htu: undefined } })],
    ['without a token', () => proof({ accessToken: undefined })],
    ['about another token', () => proof({ accessToken: `${visitor.session.accessToken}x` })],
    ['about the token of the socket', () => proof({ accessToken: visitor.session.liveToken })],
    ['about a body where there is none', () => proof({ body: '{}' })],
    ['without an id', () => proof({ claims: { jti: undefined } })],
    ['with an empty id', () => proof({ claims: { jti: '' } })],
    ['with an id as a number', () => proof({ claims: { jti: 7 } })],
    ['with an id of a thousand characters', () => proof({ claims: { jti: 'x'.repeat(1_000) } })],
    ['without a time', () => proof({ claims: { iat: undefined } })],
    ['with a time as text', () => proof({ claims: { iat: '1790000000' } })],
    ['of another type', () => proof({ header: { typ: 'JWT' } })],
    ['without a type', () => proof({ header: { typ: undefined } })],
    ['with the private key in it', () => proof({ header: { jwk: { ...visitor.holder.jwk, d: 'A'.repeat(43) } } })],
    ['with a symmetric key', () => proof({ header: { jwk: { kty: 'oct', k: 'AAAA' } } })],
    ['with a point that is not on the curve', () => proof({ header: { jwk: { ...visitor.holder.jwk, x: 'A'.repeat(43) } } })],
    ['with a key that did not sign it', () => proof({ header: { jwk: other.publicKey.export({ format: 'jwk' }) } })],
    ['with its key elsewhere (jku)', () => proof({ header: { jku: 'http://127.0.0.1:1/' } })],
    ['with its key elsewhere (x5c)', () => proof({ header: { x5c: ['MIIB'] } })],
    ['with a key id', () => proof({ header: { kid: visitor.holder.jkt } })],
    ['that demands to be understood', () => proof({ header: { crit: ['b64'], b64: false } })],
    ...['none', 'NONE', 'HS256', 'RS256', 'ES384', 'es256'].map((alg): [string, () => string] => [
      `of the algorithm ${alg}`,
      () => proof({ header: { alg } }),
    ]),
    ['without a signature', () => proof().split('.').slice(0, 2).join('.').concat('.')],
    [
      'signed by HMAC with the public key',
      () => {
        const input = proof({ header: { alg: 'HS256' } })
          .split('.')
          .slice(0, 2)
          .join('.');
        return `${input}.${createHmac('sha256', JSON.stringify(visitor.holder.jwk)).update(input).digest('base64url')}`;
      },
    ],
  ])('%s is refused', async (_, made) => {
    await expectRefused(made());
    expect((await ask(proof())).status).toBe(200);
  });

  it('in any other text of a used one is refused: last characters, padding, white space', async () => {
    const used = proof();
    expect((await ask(used)).status).toBe(200);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const variants = [...alphabet].map((character) => used.slice(0, -1) + character);
    for (const text of [...variants, `${used}=`, `${used}==`, `${used}.`]) await expectRefused(text);
  });

  it('in two fields is refused, whichever of them is right', async () => {
    const url = new URL('/api/me', server.origin);
    const status = await new Promise((resolve, reject) => {
      const asked = request(url, (answer) => resolve(answer.resume().statusCode));
      asked.setHeader('authorization', `DPoP ${visitor.session.accessToken}`);
      asked.setHeader('dpop', [proof(), proof()]);
      asked.on('error', reject).end();
    });
    expect(status).toBe(401);
  });
});

describe('T9: nonces', () => {
  it.each([
    ['none', undefined],
    ['an invented one', 'A'.repeat(32)],
    ['an empty one', ''],
  ])('%s is answered with the right one', async (_, nonce) => {
    const answer = await ask(proof({ claims: { nonce } }));
    expect([answer.status, answer.body['error'], answer.body['code']]).toEqual([401, 'use_dpop_nonce', 'nonce-required']);
    visitor.holder.nonce = answer.headers.get('dpop-nonce') ?? undefined;
    expect((await ask(proof())).status).toBe(200);
  });

  it('a proof made ahead is worth nothing some minutes later', async () => {
    const fresh = await server.signIn();
    const ahead = fresh.holder.proof({ method: 'GET', url: place(), accessToken: fresh.session.accessToken });
    server.advance(8 * 60_000);
    const authorization = `DPoP ${fresh.session.accessToken}`;
    const answer = await server.fetch('/api/me', { headers: { authorization, dpop: ahead } });
    expect(answer.body['error']).toBe('use_dpop_nonce');
    expect((await fresh.call('me')).status).toBe(200);
  });

  it('is the same in every process, and is not that of another installation', async () => {
    const [two, stranger] = [await AdminServer.start({ shared: server }), await AdminServer.start()];
    const nonceOf = async (of: AdminServer) => (await of.call('me')).headers.get('dpop-nonce');
    // Another look where a minute ended between the two.
    await expect.poll(async () => (await nonceOf(two)) === (await nonceOf(server))).toBe(true);
    expect(await nonceOf(stranger)).not.toBe(await nonceOf(server));
    await Promise.all([two.close(), stranger.close()]);
  });

  it('sign-in and refresh ask with a 400, as token endpoints do, and use nothing up', async () => {
    for (const path of ['/api/session', '/api/session/refresh']) {
      const dpop = new KeyHolder().proof({ method: 'POST', url: place(path) });
      const answer = await server.fetch(path, { method: 'POST', headers: { dpop } });
      expect([answer.status, answer.body['error']]).toEqual([400, 'use_dpop_nonce']);
      expect((await server.fetch(path, { method: 'POST' })).body['error']).toBe('invalid_dpop_proof');
    }
  });
});

describe('T9: bodies', () => {
  const send = (body: string, signed: string | undefined) => {
    const dpop = visitor.holder.proof(about({ method: 'POST', url: place('/api/decisions'), body: signed }));
    const headers = { authorization: `DPoP ${visitor.session.accessToken}`, dpop, 'content-type': 'application/json' };
    return server.fetch('/api/decisions', { method: 'POST', body, headers });
  };
  it.each([
    ['another', '{"service":"shop"}'],
    ['none', undefined],
    ['one that differs by a space', '{"service": "bank"}'],
  ])('a proof about %s does not carry this one', async (_, signed) => {
    expect((await send('{"service":"bank"}', signed)).body['error']).toBe('invalid_dpop_proof');
  });
  it('a proof about the very one does: it is looked at', async () => {
    expect((await send('{"service":"bank"}', '{"service":"bank"}')).body['code']).toBe('invalid-body');
  });
});

describe('T9, T45: with Redis away', () => {
  it('nobody is let in, since a proof may have been used: 503, and reading is no exception', async () => {
    const broken = await AdminServer.start();
    const inside = await broken.signIn();
    broken.context.redis.disconnect();
    for (const name of ['me', 'alerts', 'signOut'] as const) {
      const answer = await inside.call(name);
      expect([name, answer.status, answer.headers.get('retry-after')]).toEqual([name, 503, '2']);
    }
    await broken.close();
  });
});
