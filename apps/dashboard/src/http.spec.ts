// @vitest-environment node
import { createHash, createPublicKey, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { adminApi, FIRST_NONCE_PATH } from '@plimsoll/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ApiError, addressOf, createSend } from './http.js';
import { Prover } from './prover.js';
import { alertOf } from './samples.fixture.js';

/** In memory, since Node has no IndexedDB; the rest is WebCrypto as in a browser. */
const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
let count = 0;
const prover = new Prover({
  get: async () => ({ ...pair, count }),
  count: async () => ++count,
  forget: async () => {},
});
const send = createSend(prover);
let server: Server;
let origin: string;
let nonces = 0;
let reply: (request: IncomingMessage & { body: string }, response: ServerResponse) => void;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (request.url === FIRST_NONCE_PATH) {
      nonces += 1;
      response.setHeader('dpop-nonce', `asked-for-${nonces}`);
      return json(response, 200, { cookie: true });
    }
    reply(Object.assign(request, { body }), response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // The page's own address is the server's: the client asks by path only.
  const original = globalThis.fetch;
  vi.stubGlobal('location', { origin });
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => original(new URL(path, origin), init));
});
afterAll(() => {
  vi.unstubAllGlobals();
  server.close();
});
afterEach(() => {
  reply = (_, response) => response.writeHead(500).end();
});

const json = (response: ServerResponse, status: number, value: unknown, type = 'application/json') =>
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(value));

describe('addresses', () => {
  it('escapes every value, also those that clients chose', () => {
    expect(addressOf(adminApi.alert.path, { id: '../keys?x=1#y' })).toBe('/api/alerts/..%2Fkeys%3Fx%3D1%23y');
    expect(addressOf(adminApi.alerts.path, {}, { subject: 'a&state=open', state: 'open,acknowledged', cursor: undefined })).toBe(
      '/api/alerts?subject=a%26state%3Dopen&state=open%2Cacknowledged',
    );
  });
});

describe('send', () => {
  it('sends body and token as the contract says and gives the checked answer', async () => {
    const seen: unknown[] = [];
    reply = (request, response) => {
      seen.push(request.method, request.url, request.headers.authorization, JSON.parse(request.body));
      json(response, 200, { ...alertOf({ state: 'resolved' }), unknown: 'left out' });
    };
    const body = { verdict: 'true-positive', note: 'seen' } as const;
    const alert = await send('resolve', { params: { id: 'al_one' }, body }, { accessToken: 'abc' });
    expect(seen).toEqual(['POST', '/api/alerts/al_one/resolve', 'DPoP abc', body]);
    expect(alert).toEqual(alertOf({ state: 'resolved' }));
  });

  it('asks for a nonce first where it has none, or an old one, and then no more', async () => {
    const fresh = new Prover({ get: async () => ({ ...pair, count }), count: async () => 1, forget: async () => {} });
    const proofs: string[] = [];
    reply = (request, response) => {
      proofs.push(String(request.headers['dpop']));
      response.writeHead(204).end();
    };
    const call = createSend(fresh);
    nonces = 0;
    await call('signOut', {});
    await call('signOut', {});
    vi.setSystemTime(Date.now() + 4 * 60_000 + 1_000);
    await call('signOut', {});
    vi.setSystemTime(Date.now() - 60 * 60_000);
    await call('signOut', {});
    vi.useRealTimers();
    const used = proofs.map((proof) => JSON.parse(Buffer.from(proof.split('.')[1] ?? '', 'base64url').toString()).nonce);
    expect(used).toEqual(['asked-for-1', 'asked-for-1', 'asked-for-2', 'asked-for-3']);
  });

  it('proves itself with the key: about method, address, token and body, with the nonce that the server gave last', async () => {
    const proofs: string[] = [];
    reply = (request, response) => {
      proofs.push(String(request.headers['dpop']));
      response.setHeader('dpop-nonce', `nonce-${proofs.length}`);
      if (proofs.length > 1) return response.writeHead(204).end();
      json(response, 401, { type: 'urn:x', title: 'No', status: 401, code: 'nonce-required' });
    };
    await send('signOut', {}, { accessToken: 'abc' });
    await send('refresh', {}, { counted: true }).catch(() => {});
    const read = (text: string | undefined, part: 0 | 1) =>
      JSON.parse(Buffer.from(text?.split('.')[part] ?? '', 'base64url').toString());
    const [first, second, third] = proofs;
    const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url');
    expect(read(second, 1)).toMatchObject({ htm: 'DELETE', htu: `${origin}/api/session`, nonce: 'nonce-1', ath: sha256('abc') });
    expect(read(third, 1)).toMatchObject({ htm: 'POST', nonce: 'nonce-2', cnt: 1 });
    expect(read(second, 1).jti).not.toBe(read(first, 1).jti);
    const { jwk, ...head } = read(second, 0);
    expect([head, Object.keys(jwk).sort()]).toEqual([{ typ: 'dpop+jwt', alg: 'ES256' }, ['crv', 'kty', 'x', 'y']]);
    const [input, signature = ''] = [second!.slice(0, second!.lastIndexOf('.')), second!.split('.')[2]];
    const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const;
    expect(verify('sha256', Buffer.from(input), key, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  it('repeats what is taken for a used proof only where that changes nothing', async () => {
    let asked = 0;
    reply = (_, response) => {
      asked += 1;
      json(response, 401, { type: 'urn:x', title: 'No', status: 401, code: 'proof-invalid' });
    };
    await expect(send('services', {})).rejects.toMatchObject({ status: 401 });
    expect(asked).toBe(2);
    await expect(send('signOut', {})).rejects.toMatchObject({ status: 401 });
    expect(asked).toBe(3);
  });

  it('says it where the browser keeps no key', async () => {
    const keyless = createSend(
      new Prover({ get: () => Promise.reject(new Error('no')), count: async () => 1, forget: async () => {} }),
    );
    await expect(keyless('services', {})).rejects.toMatchObject({ fault: { type: 'keyless' }, status: 0 });
  });

  it('knows an answer without a body', async () => {
    reply = (_, response) => response.writeHead(204).end();
    expect(await send('signOut', {})).toBeNull();
  });

  it('turns a problem document into a typed error with its words', async () => {
    const problem = {
      type: 'urn:plimsoll:problem:conflict',
      title: 'Conflict',
      status: 409,
      code: 'conflict',
      detail: 'The alert is resolved.',
      requestId: 'r-1',
    };
    reply = (_, response) => json(response, 409, problem, 'application/problem+json');
    const error = await send('acknowledge', { params: { id: 'a' }, body: {} }).catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 409, message: 'The alert is resolved.', fault: { type: 'problem', problem } });
  });

  it.each([
    ['a proxy that says the server is down', 502, '<html>Bad gateway</html>', { type: 'unreachable' }],
    ['an error page of somebody else', 418, 'teapot', { type: 'unexpected', status: 418 }],
    ['a page instead of data', 200, '<!doctype html>', { type: 'unexpected', status: 200 }],
    ['data of another version', 200, '{"items":[{"id":"Not A Slug"}]}', { type: 'unexpected', status: 200 }],
  ])('%s', async (_, status, text, fault) => {
    reply = (__, response) => response.writeHead(status).end(text);
    await expect(send('services', {})).rejects.toMatchObject({ fault });
  });

  it('follows no redirect: a token must not go elsewhere', async () => {
    reply = (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end();
    await expect(send('services', {}, { accessToken: 'abc' })).rejects.toMatchObject({ fault: { type: 'unreachable' } });
  });

  it('says when nothing answers, and lets the caller abort', async () => {
    reply = (request) => request.socket.destroy();
    await expect(send('services', {})).rejects.toMatchObject({ fault: { type: 'unreachable' }, status: 0 });
    const abort = new AbortController();
    abort.abort();
    await expect(send('services', {}, { signal: abort.signal })).rejects.not.toBeInstanceOf(ApiError);
  });
});
