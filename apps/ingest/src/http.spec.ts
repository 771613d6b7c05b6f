import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readyIngest, spawnIngest } from '../../../test/setup/ingest-process.js';
import { FEED_KEY, IngestServer, log } from '../../../test/setup/ingest-server.js';

let server: IngestServer;
beforeAll(async () => {
  server = await IngestServer.start({}, { limits: { headersMs: 300, requestMs: 600, checkMs: 50 } });
});
afterAll(() => server.stop());

/** Writes text on a fresh connection and gives all that comes back until the server closes it. */
async function raw(text: string, then?: string): Promise<string> {
  const { hostname, port } = new URL(server.app.url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    answer += chunk;
  });
  socket.on('error', () => {});
  socket.write(text);
  const dripping = then === undefined ? undefined : setInterval(() => socket.write(then), 50);
  await once(socket, 'close');
  clearInterval(dripping);
  return answer;
}

describe('every answer', () => {
  it.each([
    ['/healthz', 200],
    ['/readyz', 200],
    ['/v1/feed', 401],
    ['/nothing', 404],
    ['/%ff', 404],
    ['/%', 400],
    ['//', 404],
  ])('of %s carries the security headers and allows no other origin', async (path, status) => {
    const answer = await server.call(path, { key: null, headers: { origin: 'https://evil.example' } });
    expect(answer.status === status || (path.startsWith('/%') && answer.status === 400)).toBe(true);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    for (const name of ['access-control-allow-origin', 'server', 'x-powered-by']) expect(answer.headers.get(name)).toBeNull();
  });

  it('names the request, by an id that the client cannot choose', async () => {
    const answer = await server.call('/nothing', { key: null, headers: { 'x-request-id': 'mine', 'request-id': 'mine' } });
    expect(answer.body['requestId']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('health', () => {
  it('says nothing about what is inside', async () => {
    expect((await server.call('/healthz', { key: null })).body).toEqual({ status: 'ok' });
    expect((await server.call('/readyz', { key: null })).body).toEqual({ status: 'ready' });
  });
});

describe('slow and broken connections', () => {
  it('are let go while their headers drip in', async () => {
    expect(await raw('GET /healthz HTTP/1.1\r\nHost: x\r\n', 'X-Drip: y\r\n')).toMatch(
      /^HTTP\/1\.1 408 [\s\S]*application\/problem\+json/,
    );
  });

  it('are let go while their body drips in', async () => {
    const head = `POST /v1/requests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.key}\r\nContent-Type: application/json\r\n`;
    expect(await raw(`${head}Content-Length: 100000\r\n\r\n{`, ' ')).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect((await server.sendLogs([log()])).status).toBe(202);
  });

  it.each([
    ['rubbish', 'rubbish\r\n\r\n', 400],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 400],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a folded header', 'GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n', 400],
    ['endless headers', `GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('are answered and closed after %s', async (_, text, status) => {
    const answer = await raw(text);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*application/problem\\+json[\\s\\S]*"status":${status}`));
    expect(answer).not.toMatch(/HPE_|Error|node:/);
  });

  it('do not make TRACE speak', async () => {
    const answer = await raw('TRACE /v1/feed HTTP/1.1\r\nHost: x\r\nCookie: canary\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).not.toContain('canary');
  });
});

describe('the process', () => {
  const stores = () => ({
    DATABASE_URL: server.env.DATABASE_URL,
    REDIS_URL: server.env.REDIS_URL,
    PORT: '0',
    PLIMSOLL_FEED_KEY: FEED_KEY,
    PLIMSOLL_NAMESPACE: server.env.PLIMSOLL_NAMESPACE,
  });

  it('does not start with a faulty environment, and names each fault', async () => {
    const { child, output } = spawnIngest({ PORT: 'x', REDIS_URL: 'redis://x' });
    expect((await once(child, 'close'))[0]).toBe(78);
    expect(output().trim().split('\n')).toEqual([
      'DATABASE_URL: is missing',
      expect.stringMatching(/^PORT: /),
      'PLIMSOLL_FEED_KEY: is missing',
    ]);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('says when it is ready, and stops in order at %s', async (signal) => {
    const { child, message } = await readyIngest(stores());
    expect(message).toEqual({ type: 'ready' });
    child.kill(signal);
    expect((await once(child, 'exit'))[0]).toBe(0);
  });

  it('goes when its parent is gone', async () => {
    const { child } = await readyIngest(stores());
    child.disconnect();
    expect((await once(child, 'exit'))[0]).toBe(0);
  });
});
