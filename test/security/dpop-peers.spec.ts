/**
 * DPoP as others understand it (T9 of the attack list): proofs that two independent clients make are taken by our server, and its
 * access tokens with those proofs by an independent resource server, which refuses what ours refuses.
 */

import { createPerson, createSignInLink } from '@plimsoll/storage';
import * as dpop from 'dpop';
import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminServer, type Answer } from '../setup/admin-server.js';

let server: AdminServer;
let keys: dpop.KeyPair;
let accessToken: string;
const place = (path: string) => server.origin + path;

beforeAll(async () => {
  server = await AdminServer.start();
  keys = await dpop.generateKeyPair('ES256');
  const person = await createPerson(server.db, { name: 'Ada', role: 'owner' }, server.now());
  const body = JSON.stringify({ token: await createSignInLink(server.db, person.id, server.now()) });
  accessToken = String((await post('/api/session', body)).body['accessToken']);
});
afterAll(() => server?.close());

const nonceOf = async () => (await server.fetch('/api/me')).headers.get('dpop-nonce') ?? '';
const bodyClaim = async (body: string) => {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body));
  return { bdh: Buffer.from(digest).toString('base64url') };
};
/** With a proof of the package `dpop`, and the claim of ours about the body. */
async function post(path: string, body: string): Promise<Answer> {
  const proof = await dpop.generateProof(keys, place(path), 'POST', await nonceOf(), undefined, await bodyClaim(body));
  return server.fetch(path, { method: 'POST', body, headers: { dpop: proof, 'content-type': 'application/json' } });
}
const ask = async (proof: string) =>
  (await server.fetch('/api/me', { headers: { authorization: `DPoP ${accessToken}`, dpop: proof } })).status;

describe('the package dpop', () => {
  it('has signed in by a link', () => {
    expect(accessToken.split('.')).toHaveLength(3);
  });

  it('makes proofs that are taken once, for what they are about', async () => {
    const proof = await dpop.generateProof(keys, place('/api/me'), 'GET', await nonceOf(), accessToken);
    expect([await ask(proof), await ask(proof)]).toEqual([200, 401]);
    expect(await ask(await dpop.generateProof(keys, place('/api/me'), 'GET', undefined, accessToken))).toBe(401);
    expect(await ask(await dpop.generateProof(keys, place('/api/me'), 'POST', await nonceOf(), accessToken))).toBe(401);
    expect(await ask(await dpop.generateProof(keys, place('/api/me'), 'GET', await nonceOf()))).toBe(401);
  });

  it('names the key as we do', async () => {
    const { cnf } = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString());
    expect(cnf.jkt).toBe(await dpop.calculateThumbprint(keys.publicKey));
  });
});

describe('the package oauth4webapi', () => {
  const insecure = { [oauth.allowInsecureRequests]: true };

  it('calls the API with proofs of its own, and learns the nonce from our refusal', async () => {
    const DPoP = oauth.DPoP({}, keys as CryptoKeyPair);
    const call = () =>
      oauth.protectedResourceRequest(accessToken, 'GET', new URL(place('/api/me')), undefined, null, { ...insecure, DPoP });
    const refused = await call().catch((error: unknown) => error);
    expect(oauth.isDPoPNonceError(refused)).toBe(true);
    expect((await call()).status).toBe(200);
  });

  it('verifies our access token with its proof as a resource server, and refuses what we refuse', async () => {
    const issuer = server.context.env.PUBLIC_URL.origin;
    const metadata = { issuer, jwks_uri: place('/.well-known/jwks.json') };
    const proofOf = (key = keys, token = accessToken) => dpop.generateProof(key, place('/api/me'), 'GET', undefined, token);
    const judge = async (
      proof: string | undefined,
      { scheme = 'DPoP', audience = 'plimsoll-admin', token = accessToken } = {},
    ) => {
      const headers = { authorization: `${scheme} ${token}`, ...(proof !== undefined && { dpop: proof }) };
      const request = new Request(place('/api/me'), { headers });
      return oauth.validateJwtAccessToken(metadata, request, audience, insecure).then(
        ({ sub }) => typeof sub,
        () => 'refused',
      );
    };
    expect(await judge(await proofOf())).toBe('string');
    expect(await judge(undefined)).toBe('refused');
    expect(await judge(await proofOf(), { scheme: 'Bearer' })).toBe('refused');
    expect(await judge(await proofOf(), { audience: 'plimsoll-live' })).toBe('refused');
    expect(await judge(await proofOf(await dpop.generateKeyPair('ES256')))).toBe('refused');
    expect(await judge(await proofOf(keys, 'other'))).toBe('refused');
    expect(await judge(await proofOf(), { token: `${accessToken.slice(0, -6)}AAAAAA` })).toBe('refused');
  });
});
