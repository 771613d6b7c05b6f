/**
 * Forged and mangled access tokens against the running server (T1, T2, T3, T5, T6, T7 of the attack list): none gets in by
 * HTTP, and the socket shares the same check. Forged with node:crypto and by hand, not with the library that signs.
 */
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { turnSigningKeys } from '@plimsoll/storage';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Visitor } from '../setup/admin-server.js';

type Members = Record<string, unknown>;

let server: AdminServer;
let visitor: Visitor;
let token: string;
let kid: string;
/** The real key: what only the server has. With it, tests vary one claim of an otherwise good token. */
let realKey: KeyObject;
let claims: Members;

beforeAll(async () => {
  server = await AdminServer.start();
  visitor = await server.signIn();
  token = visitor.session.accessToken;
  const [header, payload] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  kid = JSON.parse(header ?? '').kid;
  claims = JSON.parse(payload ?? '');
  const keys = await turnSigningKeys(server.db, server.context.env.PLIMSOLL_MASTER_KEY, server.now());
  realKey = keys.find((key) => key.kid === kid)!.privateKey;
});
afterAll(() => server?.close());

const encode = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const signWith = (key: KeyObject, input: string) =>
  sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
const forge = (header: Members, payload: Members, seal: (input: string) => string): string => {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${seal(input)}`;
};
const head = (more: Members = {}): Members => ({ alg: 'ES256', typ: 'at+jwt', kid, ...more });
const byRealKey = (payload: Members, header: Members = head()) => forge(header, payload, (input) => signWith(realKey, input));
/** With a good proof by the right key about this very token. */
const statusOf = async (accessToken: string, scheme = 'DPoP') =>
  (await server.call('me', { headers: { authorization: `${scheme} ${accessToken}` } }, { ...visitor, session: { accessToken } }))
    .status;
const refused = async (forged: string) => expect(await statusOf(forged)).toBe(401);

describe('a token made with the real key', () => {
  it('gets in, so that the refusals below are about what they vary', async () => {
    expect(await statusOf(token)).toBe(200);
    expect(await statusOf(byRealKey(claims))).toBe(200);
  });
});

describe('T1: algorithm confusion', () => {
  const publicForms = () => {
    const key = createPublicKey(createPrivateKey({ key: realKey.export({ format: 'jwk' }), format: 'jwk' }));
    return [
      key.export({ type: 'spki', format: 'pem' }) as string,
      (key.export({ type: 'spki', format: 'pem' }) as string).trim(),
      key.export({ type: 'spki', format: 'der' }),
      JSON.stringify(key.export({ format: 'jwk' })),
    ];
  };

  it.each(['HS256', 'HS384', 'HS512'])('%s with any form of the public key as secret', async (alg) => {
    for (const secret of publicForms()) {
      await refused(
        forge(head({ alg }), claims, (input) =>
          createHmac(`sha${alg.slice(2)}`, secret)
            .update(input)
            .digest('base64url'),
        ),
      );
    }
  });

  it.each(['RS256', 'PS256', 'ES384', 'ES512', 'EdDSA', 'es256'])('%s in the header of a good signature', async (alg) => {
    await refused(byRealKey(claims, head({ alg })));
  });

  it('a signature by a key of the forger under our kid', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await refused(forge(head(), claims, (input) => signWith(privateKey, input)));
  });
});

describe('T2: no signature at all', () => {
  it.each(['none', 'None', 'NONE', 'nOnE', ''])('alg %j', async (alg) => {
    await refused(forge(head({ alg }), claims, () => ''));
    await refused(forge(head({ alg }), claims, (input) => signWith(realKey, input)));
  });

  it('an empty, a zero and a truncated signature', async () => {
    const [header, payload, signature = ''] = token.split('.');
    for (const bad of ['', Buffer.alloc(64).toString('base64url'), signature.slice(0, -2), `${signature}${signature}`]) {
      await refused(`${header}.${payload}.${bad}`);
    }
  });

  it('the JSON serialisation of a good token', async () => {
    const [header, payload, signature] = token.split('.');
    await refused(JSON.stringify({ protected: header, payload, signature }));
  });
});

describe('T3: keys by the header', () => {
  const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = attacker.publicKey.export({ format: 'jwk' });

  it.each<[string, Members]>([
    ['a path', { kid: '../../dev/null' }],
    ['SQL', { kid: "' or 1=1 --" }],
    ['a megabyte', { kid: 'A'.repeat(1_000_000) }],
    ['a list', { kid: ['a', 'b'] }],
    ['an object', { kid: { $ne: null } }],
    ['unicode', { kid: '\u202e\u0000key' }],
    ['nothing', { kid: undefined }],
    ['a good form that nobody has', { kid: 'A'.repeat(43) }],
    ['jku', { jku: 'http://127.0.0.1:1/keys' }],
    ['jwk', { jwk }],
    ['x5u', { x5u: 'http://127.0.0.1:1/cert' }],
    ['x5c', { x5c: ['MIIB'] }],
    ['crit', { crit: ['exp'] }],
    ['__proto__', { ['__proto__']: { kid: 'x' } }],
  ])('%s', async (name, more) => {
    const header = head(more);
    const by = ['jku', 'jwk', 'x5u', 'x5c'].includes(name) ? attacker.privateKey : realKey;
    const forged = forge(header, claims, (input) => signWith(by, input));
    // Node itself refuses headers beyond 16 kB; either way nobody gets in.
    const status = await statusOf(forged);
    expect(forged.length > 16_000 ? [401, 431] : [401]).toContain(status);
  });

  it('extra members under the real key are refused too', async () => {
    await refused(byRealKey(claims, head({ jwk })));
    await refused(byRealKey(claims, head({ b64: false, crit: ['b64'] })));
  });
});

describe('T5: other tokens in its place', () => {
  it('the refresh token, the sign-in link, an ingest key', async () => {
    const made = await visitor.call('createService', { body: { id: 'shop' } });
    expect(made.status).toBe(201);
    const key = await visitor.call('createKey', { params: { id: 'shop' }, body: { name: 'k' } });
    for (const other of [
      visitor.session.liveToken,
      visitor.cookie.split('=')[1],
      String(key.body['secret']),
      'undefined',
      'null',
      '',
    ])
      await refused(`${other}`);
  });

  it.each<[string, Members, Members]>([
    ['another type', {}, { typ: 'JWT' }],
    ['a socket ticket', {}, { typ: 'ws-ticket+jwt' }],
    ['no type', {}, { typ: undefined }],
    ['another audience', { aud: 'plimsoll-ingest' }, {}],
    ['two audiences', { aud: ['plimsoll-admin', 'other'] }, {}],
    ['no audience', { aud: undefined }, {}],
    ['another client', { client_id: 'other' }, {}],
    ['no client', { client_id: undefined }, {}],
    ['another issuer', { iss: 'http://localhost:1' }, {}],
    ['another person', { sub: 'per_somebody_else' }, {}],
    ['another session', { sid: 'ses_somebody_else' }, {}],
    ['an older token version', { ver: 0 }, {}],
    ['a later token version', { ver: 2 }, {}],
    ['the audience of the socket', { aud: 'plimsoll-live' }, {}],
    ['another key', { cnf: { jkt: 'A'.repeat(43) } }, {}],
    ['no key', { cnf: undefined }, {}],
    ['two keys', { cnf: { jkt: 'A'.repeat(43), jwk: {} } }, {}],
    ['a role of its own', { role: 'owner' }, {}],
  ])('%s', async (_, payload, header) => {
    await refused(byRealKey({ ...claims, ...payload }, head(header)));
  });
});

describe('after all that', () => {
  it('the session lives, so that nothing above was refused for want of one', async () => {
    expect(await statusOf(token)).toBe(200);
  });
});

describe('T6: other texts of the same token', () => {
  it('every last character, padding, white space, a line end, a bit more', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const variants = [...alphabet].map((character) => token.slice(0, -1) + character).filter((text) => text !== token);
    const [header, payload, signature] = token.split('.');
    variants.push(`${token}=`, `${token}==`, `${header}=.${payload}.${signature}`, `${header}.${payload}.${signature}.`);
    variants.push(`.${token}`, token.replace('.', '..'), `${token}A`, token.toUpperCase(), `${token} x`, `x ${token}`);
    for (const text of variants) await refused(text);
    expect(await statusOf(token)).toBe(200);
  });

  // A bearer token, in whatever case, ends the session as well: stolen-session.spec.ts.
  it.each(['dpop', 'DPOP', 'Token', 'Basic', 'JWT'])('the scheme %s', async (scheme) => {
    expect(await statusOf(token, scheme)).toBe(401);
  });

  it('the token in the query, in a cookie or in the body', async () => {
    expect((await server.fetch(`/api/me?access_token=${token}`)).status).toBe(401);
    expect((await server.fetch('/api/me', { headers: { cookie: `access_token=${token}` } })).status).toBe(401);
  });
});

describe('T7: times', () => {
  const now = () => Math.floor(server.now() / 1000);
  it.each<[string, () => Members]>([
    ['expired by a second', () => ({ exp: now() - 1 })],
    ['no end', () => ({ exp: undefined })],
    ['an end as text', () => ({ exp: `${now() + 60}` })],
    ['an end between seconds', () => ({ exp: now() + 60.5 })],
    ['a negative end', () => ({ exp: -1 })],
    ['an end beyond 2^53', () => ({ exp: 2 ** 53 + 2 })],
    ['a life of an hour', () => ({ exp: now() + 3_600 })],
    ['issued tomorrow', () => ({ iat: now() + 86_400, exp: now() + 86_460 })],
    ['issued never', () => ({ iat: undefined })],
    ['not before tomorrow', () => ({ nbf: now() + 86_400 })],
  ])('%s', async (_, payload) => {
    await refused(byRealKey({ ...claims, ...payload() }));
  });

  const moment = fc.oneof(
    fc.integer({ min: -1_000, max: 1_000 }).map((offset) => ({ offset })),
    fc.constantFrom(-901, -900, -899, -7, -3, 3, 8, 899, 900, 901).map((offset) => ({ offset })),
    fc
      .oneof(fc.double(), fc.string(), fc.constantFrom(undefined, null, true, [], {}, 2 ** 53, -1, '1790000000'))
      .map((value) => ({ value })),
  );
  it('whatever they are: whole numbers around now get in, for fifteen minutes at most, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(moment, moment, fc.option(moment, { nil: undefined }), async (issued, ends, begins) => {
        const read = (of: typeof issued) => ('offset' in of ? now() + of.offset : of.value);
        const [iat, exp, nbf] = [read(issued), read(ends), begins && read(begins)];
        const near = (value: unknown, to: number) => typeof value === 'number' && Math.abs(value - to) < 2;
        // Where a second more or less decides, the time that the call takes does.
        fc.pre(!near(exp, now()) && !near(iat, now() + 5));
        const whole = Number.isSafeInteger(iat) && Number.isSafeInteger(exp);
        const [from, to] = [iat as number, exp as number];
        const good = whole && nbf === undefined && to > now() && from <= now() + 5 && to - from <= 900;
        expect([iat, exp, nbf, await statusOf(byRealKey({ ...claims, iat, exp, nbf }))]).toEqual([
          iat,
          exp,
          nbf,
          good ? 200 : 401,
        ]);
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  it('a good token ends after its fifteen minutes', async () => {
    const fresh = await server.signIn();
    const [, payload] = fresh.session.accessToken.split('.');
    const { exp } = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as { exp: number };
    server.advance(exp * 1_000 - 8_000 - server.now());
    expect((await fresh.call('me')).status).toBe(200);
    server.advance(exp * 1_000 + 1_000 - server.now());
    expect((await fresh.call('me')).status).toBe(401);
  });
});
