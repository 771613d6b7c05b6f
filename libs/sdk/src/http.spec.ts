import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decision, FakePlimsoll, KEY, until } from '../test/fake-plimsoll.js';
import { type PlimsollHttp, plimsollHttp } from './http.js';

const server = new FakePlimsoll();
let guarded: PlimsollHttp<IncomingMessage>;
let host: Server;
let served = 0;

beforeEach(async () => {
  served = 0;
  await server.start();
  const usual = { url: server.url, key: KEY, flushMs: 10, onError: () => undefined };
  const routeOf = ({ url = '' }: IncomingMessage) => (url.startsWith('/orders/') ? '/orders/:id' : undefined);
  guarded = plimsollHttp({ ...usual, identify: ({ headers }) => headers['x-user'] as string, routeOf }, (_request, response) => {
    served += 1;
    response.end('served');
  });
  host = createServer(guarded).listen(0, '127.0.0.1');
  await new Promise((resolve) => host.once('listening', resolve));
  await guarded.guard.ready(10_000);
});
afterEach(async () => {
  host.close();
  host.closeAllConnections();
  await guarded.guard.close(0);
  await server.stop();
  server.batches.length = 0;
  server.decisions = [];
});
const call = (path: string, user: string) =>
  fetch(`http://127.0.0.1:${(host.address() as AddressInfo).port}${path}`, { headers: { 'x-user': user } });

describe('node:http', () => {
  it('records what the listener answered, with the route that the host names', async () => {
    expect(await (await call('/orders/7?a=b', 'ada')).text()).toBe('served');
    await until(() => server.logs.length >= 1, 'a log');
    expect(server.logs[0]).toMatchObject({ method: 'GET', path: '/orders/7', route: '/orders/:id', status: 200, actor: 'ada' });
  });
  it('keeps a refused request from the listener', async () => {
    server.publish(decision());
    await until(() => guarded.guard.stats().decisions === 1, 'held');
    expect((await call('/orders/7', 'mallory')).status).toBe(403);
    expect(served).toBe(0);
    expect((await call('/orders/7', 'ada')).status).toBe(200);
  });
});
