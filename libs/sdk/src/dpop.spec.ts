import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { athOf, Prover } from '../test/prover.js';
import { Dpop, type DpopOptions, type DpopRequest } from './dpop.js';
import { MemoryReplays } from './dpop-replays.js';

const NOW = 1_800_000_000_000;
const iat = NOW / 1000;
const TOKEN = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU';
const right = { htm: 'POST', htu: 'https://api.example.com/token', iat };
const dpop = (options: Partial<DpopOptions> = {}) => new Dpop({ origin: 'https://api.example.com', now: () => NOW, ...options });
const ask = (proof: string | string[] | undefined, change: Partial<DpopRequest> = {}): DpopRequest => ({
  proof: typeof proof === 'string' ? [proof] : proof,
  method: 'POST',
  path: '/token',
  ...change,
});
const faultOf = async (verifier: Dpop, request: DpopRequest) => {
  const outcome = await verifier.verify(request);
  return outcome.type === 'refused' ? outcome.fault : outcome.type;
};
const client = new Prover();

describe('the proofs of RFC 9449', () => {
  const head =
    'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19';
  const atToken = `${head}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg`;
  const atResource = `${head}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA`;
  const thumbprint = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I';

  it('at the token endpoint (figure 2) is valid, with the thumbprint that the RFC states', async () => {
    const verifier = dpop({ origin: 'https://server.example.com', now: () => 1_562_262_616_000 });
    expect(await verifier.verify(ask(atToken))).toEqual({ type: 'valid', thumbprint, nonce: undefined });
  });

  it('at the resource (figure 13) is valid for its token and key alone', async () => {
    const verifier = () => dpop({ origin: 'https://resource.example.org', now: () => 1_562_262_618_000 });
    const request = ask(atResource, {
      method: 'GET',
      path: '/protectedresource',
      authorization: `DPoP ${TOKEN}`,
      boundTo: thumbprint,
    });
    expect(await faultOf(verifier(), request)).toBe('valid');
    expect(await faultOf(verifier(), { ...request, authorization: 'DPoP other' })).toBe('token');
    expect(await faultOf(verifier(), { ...request, boundTo: client.thumbprint })).toBe('key');
    // Downgrades: the bound token as a bearer token, and a token of which nobody says what it is bound to.
    expect(await faultOf(verifier(), { ...request, authorization: `Bearer ${TOKEN}` })).toBe('scheme');
    expect(await faultOf(verifier(), { ...request, boundTo: undefined })).toBe('key');
  });
});

describe('a proof', () => {
  it.each(['ES256', 'EdDSA'] as const)('by %s is valid once', async (alg) => {
    const prover = new Prover(alg);
    const verifier = dpop();
    const proof = prover.proof(right);
    expect(await verifier.verify(ask(proof))).toEqual({ type: 'valid', thumbprint: prover.thumbprint, nonce: undefined });
    expect(await faultOf(verifier, ask(proof))).toBe('replayed');
  });

  const other = new Prover();
  const big = 'a'.repeat(5_000);
  const unsigned = (alg: string) => `${client.proof(right, { alg }).split('.').slice(0, 2).join('.')}.`;
  const hmac = () => {
    const input = client
      .proof(right, { alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' } })
      .split('.')
      .slice(0, 2)
      .join('.');
    return `${input}.${createHmac('sha256', Buffer.alloc(3)).update(input).digest('base64url')}`;
  };
  const faulty: [string, string, () => DpopRequest][] = [
    ['none', 'no-proof', () => ask(undefined)],
    ['an empty list', 'no-proof', () => ask([])],
    ['two', 'several-proofs', () => ask([client.proof(right), client.proof(right)])],
    ['two in one field', 'several-proofs', () => ask(`${client.proof(right)}, ${client.proof(right)}`)],
    ['rubbish', 'malformed', () => ask('rubbish')],
    ['four parts', 'malformed', () => ask(`${client.proof(right)}.x`)],
    ['too long', 'malformed', () => ask(client.proof({ ...right, big }))],
    ['padding', 'malformed', () => ask(`${client.proof(right)}=`)],
    [
      'a payload that is a list',
      'malformed',
      () => ask(client.proof(right).replace(/\..*\./, `.${Buffer.from('[]').toString('base64url')}.`)),
    ],
    ['another type', 'typ', () => ask(client.proof(right, { typ: 'JWT' }))],
    ['no type', 'typ', () => ask(client.proof(right, { typ: undefined }))],
    ['no algorithm', 'malformed', () => ask(unsigned('none'))],
    ['alg none with a signature', 'alg', () => ask(client.proof(right, { alg: 'none' }))],
    ['a symmetric one', 'alg', () => ask(hmac())],
    ['one not allowed', 'alg', () => ask(client.proof(right, { alg: 'RS256' }))],
    ['a private key', 'jwk', () => ask(client.proof(right, { jwk: client.privateJwk }))],
    ['no key', 'jwk', () => ask(client.proof(right, { jwk: undefined }))],
    ['a key of another kind', 'jwk', () => ask(client.proof(right, { jwk: new Prover('EdDSA').jwk }))],
    ['a key off the curve', 'jwk', () => ask(client.proof(right, { jwk: { ...client.jwk, y: client.jwk['x'] } }))],
    [
      'a coordinate in other letters',
      'jwk',
      () => ask(client.proof(right, { jwk: { ...client.jwk, x: `${client.jwk['x']}=` } })),
    ],
    ['a critical extension', 'crit', () => ask(client.proof(right, { crit: ['b64'], b64: false }))],
    ['a key from elsewhere', 'crit', () => ask(client.proof(right, { jku: 'https://evil.example' }))],
    ['the key of another', 'signature', () => ask(client.proof(right, { jwk: other.jwk }))],
    [
      'a changed payload',
      'signature',
      () => ask(client.proof(right).replace(/\..*\./, `.${client.proof({ ...right, iat: 1 }).split('.')[1]}.`)),
    ],
    ['no id', 'claims', () => ask(client.proof({ ...right, jti: undefined }))],
    ['an endless id', 'claims', () => ask(client.proof({ ...right, jti: 'x'.repeat(257) }))],
    ['no time', 'claims', () => ask(client.proof({ ...right, iat: undefined }))],
    ['a time that is none', 'claims', () => ask(client.proof({ ...right, iat: '1800000000' }))],
    ['another method', 'method', () => ask(client.proof({ ...right, htm: 'GET' }))],
    ['another path', 'url', () => ask(client.proof({ ...right, htu: 'https://api.example.com/admin' }))],
    ['another host', 'url', () => ask(client.proof({ ...right, htu: 'https://evil.example/token' }))],
    ['another scheme', 'url', () => ask(client.proof({ ...right, htu: 'http://api.example.com/token' }))],
    ['a user in the URL', 'url', () => ask(client.proof({ ...right, htu: 'https://u@api.example.com/token' }))],
    [
      'a host that the request names',
      'url',
      () => ask(client.proof({ ...right, htu: 'https://evil.example/token' }), { path: '//evil.example/token' }),
    ],
    ['from the past', 'time', () => ask(client.proof({ ...right, iat: iat - 61 }))],
    ['from the future', 'time', () => ask(client.proof({ ...right, iat: iat + 61 }))],
    ['for no token', 'token', () => ask(client.proof(right), { authorization: 'DPoP abc', boundTo: client.thumbprint })],
    ['by another key than a refresh token\u2019s', 'key', () => ask(client.proof(right), { boundTo: other.thumbprint })],
  ];
  it.each(faulty)('with %s is refused: %s', async (_what, fault, request) => {
    expect(await faultOf(dpop(), request())).toBe(fault);
  });

  it.each([
    ['https://API.example.com:443/token', '/token'],
    ['https://api.example.com/token?x=1#y', '/token?other=2'],
    ['https://api.example.com/a/../%74oken', '/token'],
    ['https://api.example.com/%c3%a4', '/%C3%A4'],
  ])('about %s is about a request for %s', async (htu, path) => {
    expect(await faultOf(dpop(), ask(client.proof({ ...right, htu }), { path }))).toBe('valid');
  });

  it('that is refused is not spent: its owner can send it right', async () => {
    const verifier = dpop();
    const proof = client.proof({ ...right, ath: athOf('abc') });
    const request = ask(proof, { authorization: 'DPoP abc', boundTo: client.thumbprint });
    expect(await faultOf(verifier, { ...request, method: 'GET' })).toBe('method');
    expect(await faultOf(verifier, { ...request, authorization: 'Bearer abc' })).toBe('scheme');
    expect(await faultOf(verifier, request)).toBe('valid');
    expect(await faultOf(verifier, request)).toBe('replayed');
  });

  it('of any text never makes it throw, and is never valid', async () => {
    const verifier = dpop();
    const anything = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.array(fc.base64String(), { maxLength: 4 }).map((parts) => parts.join('.')),
    );
    await fc.assert(
      fc.asyncProperty(anything, fc.string(), async (proof, path) => {
        expect((await verifier.verify(ask(proof, { path }))).type).toBe('refused');
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});

describe('nonces', () => {
  const nonceSecret = 's'.repeat(32);
  let now = NOW;
  const verifier = () => dpop({ nonceSecret, now: () => now });

  it('are demanded, given, accepted for five minutes, and dated better than a client\u2019s clock', async () => {
    now = NOW;
    const first = await verifier().verify(ask(client.proof(right)));
    expect(first).toMatchObject({
      fault: 'no-nonce',
      error: 'use_dpop_nonce',
      status: 401,
      headers: { 'cache-control': 'no-store' },
    });
    const nonce = first.type === 'refused' ? first.headers['dpop-nonce'] : '';
    expect(first.type === 'refused' && first.headers['www-authenticate']).toBe('DPoP error="use_dpop_nonce", algs="ES256 EdDSA"');
    // From another instance with the same secret; a client whose clock is a day off.
    const late = { ...right, iat: iat - 86_400, nonce };
    expect(await verifier().verify(ask(client.proof(late)))).toMatchObject({ type: 'valid', nonce });
    now = NOW + 5 * 60_000;
    expect(await verifier().verify(ask(client.proof(late)))).toMatchObject({
      type: 'valid',
      nonce: expect.not.stringMatching(nonce ?? ''),
    });
    now = NOW + 6 * 60_000;
    expect(await faultOf(verifier(), ask(client.proof(late)))).toBe('nonce');
    expect(await faultOf(verifier(), ask(client.proof({ ...right, nonce: 7 })))).toBe('nonce');
    expect(await faultOf(dpop({ nonceSecret: 't'.repeat(32), now: () => NOW }), ask(client.proof(late)))).toBe('nonce');
  });

  it('keep a used proof from being used again as long as its nonce is accepted', async () => {
    now = NOW;
    const one = verifier();
    const answer = await one.verify(ask(client.proof(right)));
    const nonce = answer.type === 'refused' ? answer.headers['dpop-nonce'] : '';
    const proof = client.proof({ ...right, nonce });
    expect(await faultOf(one, ask(proof))).toBe('valid');
    for (now = NOW; now < NOW + 8 * 60_000; now += 10_000)
      expect(['replayed', 'nonce']).toContain(await faultOf(one, ask(proof)));
  });

  it('need a secret that is one', () => {
    expect(() => dpop({ nonceSecret: 'short' })).toThrow('32 bytes');
    expect(() => dpop({ origin: 'https://api.example.com/base' })).toThrow('origin');
    expect(() => dpop({ windowSeconds: 0 })).toThrow('windowSeconds');
  });
});

describe('the memory of used proofs', () => {
  it('forgets what can be used no more, and nothing else', () => {
    let now = 0;
    const replays = new MemoryReplays(() => now);
    expect(replays.burn('k', 'a', 120_000)).toBe(true);
    now = 119_999;
    expect(replays.burn('k', 'a', 240_000)).toBe(false);
    now = 121_000;
    expect(replays.burn('k', 'b', 240_000)).toBe(true);
    expect(replays.size).toBe(1);
  });

  it('takes no further proof when it is full, and one key cannot fill it', async () => {
    const replays = new MemoryReplays(() => NOW, 4, 2);
    const verifier = dpop({ replays });
    const greedy = new Prover();
    expect(await faultOf(verifier, ask(greedy.proof(right)))).toBe('valid');
    expect(await faultOf(verifier, ask(greedy.proof(right)))).toBe('valid');
    const full = await verifier.verify(ask(greedy.proof(right)));
    expect(full).toMatchObject({ fault: 'unavailable', status: 503 });
    expect(await faultOf(verifier, ask(client.proof(right)))).toBe('valid');
    expect([replays.size, replays.refused]).toEqual([3, 1]);
  });

  it('that cannot be reached refuses', async () => {
    const replays = { burn: () => Promise.reject(new Error('away')) };
    expect(await faultOf(dpop({ replays }), ask(client.proof(right)))).toBe('unavailable');
  });

  it('lets one of many at the same moment through', async () => {
    const verifier = dpop();
    const proof = client.proof(right);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => faultOf(verifier, ask(proof))));
    expect(outcomes.filter((outcome) => outcome === 'valid')).toHaveLength(1);
  });
});
