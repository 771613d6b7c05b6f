import { createServer, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import websocket from '@fastify/websocket';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { decision } from '../test/fake-plimsoll.js';
import { Host } from '../test/host.js';
import { plimsollFastify } from './fastify.js';
import { guardUpgrades } from './upgrades.js';

let host: Host;
beforeEach(async () => {
  host = new Host();
  await host.plimsoll.start();
});
afterEach(() => host.stop());

const identify = ({ headers }: IncomingMessage) => headers['x-user'] as string | undefined;

/** An echo server of ws, which looks for itself whom it lets in. */
async function open(): Promise<void> {
  const server = createServer((_request, response) => response.end('plain'));
  const guard = guardUpgrades(server, { ...host.options, identify, routeOf: () => '/live' });
  const sockets = new WebSocketServer({
    server,
    verifyClient: ({ req }: { req: IncomingMessage }) => !req.url?.includes('closed'),
  });
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
  await host.start(server, guard, async () => {
    for (const client of sockets.clients) client.terminate();
    sockets.close();
  });
}

type Seen = { status: number; body: string; field(name: string): string | undefined };
/** Opens a socket; the answer where it is refused. */
function dial(path: string, user: string): Promise<WebSocket | Seen> {
  const socket = new WebSocket(host.url.replace('http', 'ws') + path, { headers: { 'x-user': user } });
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(socket)).on('error', reject);
    socket.on('unexpected-response', (request, answer) => {
      let body = '';
      answer.on('data', (chunk) => {
        body += chunk;
      });
      answer.on('end', () => {
        request.destroy();
        resolve({ status: answer.statusCode ?? 0, body, field: (name) => answer.headers[name]?.toString() });
      });
    });
  });
}
const talk = async (socket: WebSocket, text: string) => {
  socket.send(text);
  await new Promise((resolve) => socket.once('message', resolve));
};

/** A Fastify app that echoes in rooms. */
function rooms() {
  const app = fastify();
  const plugin = plimsollFastify<FastifyRequest>({ ...host.options, identify: ({ raw }) => identify(raw) });
  app.register(plugin);
  app.register(websocket);
  app.register(async (live: FastifyInstance) => {
    live.get('/rooms/:room', { websocket: true }, (socket) => void socket.on('message', (data) => socket.send(data.toString())));
  });
  return { app, plugin };
}

describe('WebSocket handshakes', () => {
  it('are recorded when the connection has ended: 101, its whole duration, bytes both ways', async () => {
    await open();
    const socket = (await dial('/live?token=canary', 'ada')) as WebSocket;
    await talk(socket, 'x'.repeat(3_000));
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(host.plimsoll.logs).toEqual([]);
    socket.close();
    const [log] = await host.logs(1);
    expect(log).toMatchObject({ method: 'GET', path: '/live', route: '/live', status: 101, actor: 'ada', ip: '127.0.0.1' });
    expect(log?.durationMs).toBeGreaterThan(55);
    expect([log?.bytesIn, log?.bytesOut].every((size) => (size ?? 0) > 3_000 && (size ?? 0) < 4_000)).toBe(true);
    expect(JSON.stringify(host.plimsoll.batches)).not.toContain('canary');
  });

  it('are refused with a problem document before any listener sees them', async () => {
    await open();
    await host.decide(
      decision(),
      decision({ action: 'throttle', rate: { requests: 1, windowSeconds: 60 }, subject: { type: 'actor', id: 'eve' } }),
    );
    const blocked = (await dial('/live', 'mallory')) as Seen;
    expect([blocked.status, blocked.field('content-type'), blocked.field('connection')]).toEqual([
      403,
      'application/problem+json',
      'close',
    ]);
    expect(JSON.parse(blocked.body)).toMatchObject({ code: 'forbidden' });
    ((await dial('/live', 'eve')) as WebSocket).terminate();
    const throttled = (await dial('/live', 'eve')) as Seen;
    expect([throttled.status, throttled.field('retry-after'), throttled.field('ratelimit')]).toEqual([
      429,
      '60',
      '"actor";r=0;t=60',
    ]);
    const logs = await host.logs(3);
    expect(logs.map(({ status, verdict }) => [status, verdict]).sort()).toEqual([
      [101, undefined],
      [403, 'block'],
      [429, 'throttle'],
    ]);
  });

  it('that the host refuses itself are recorded with its status', async () => {
    await open();
    expect(await dial('/closed', 'ada')).toMatchObject({ status: 401 });
    expect((await host.logs(1))[0]).toMatchObject({ path: '/closed', status: 401 });
  });

  it('leave plain requests alone, and survive a client that is gone at once', async () => {
    await open();
    await host.decide(decision());
    const socket = connect(host.port, '127.0.0.1');
    socket.write('GET /live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-User: mallory\r\n\r\n');
    socket.destroy();
    expect(await (await host.call('/', { user: 'mallory' })).text()).toBe('plain');
    expect(host.guard.stats().faults.internal).toBe(0);
  });

  it('are seen once where a framework routes them, with its route', async () => {
    const { app, plugin } = rooms();
    await app.ready();
    guardUpgrades(app.server, { guard: plugin.guard, identify });
    await app.listen({ port: 0, host: '127.0.0.1' });
    await host.start(app.server, plugin.guard, () => app.close());
    await host.decide(decision());
    expect(await dial('/rooms/7', 'mallory')).toMatchObject({ status: 403 });
    const socket = (await dial('/rooms/8', 'ada')) as WebSocket;
    await talk(socket, 'hello');
    socket.close();
    const logs = await host.logs(2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(logs.map(({ path, status, verdict }) => [path, status, verdict])).toEqual([
      ['/rooms/7', 403, 'block'],
      ['/rooms/8', 101, undefined],
    ]);
    expect(host.plimsoll.logs).toHaveLength(2);
  });

  it('are recorded as such by a framework alone, too', async () => {
    const { app, plugin } = rooms();
    await app.listen({ port: 0, host: '127.0.0.1' });
    await host.start(app.server, plugin.guard, () => app.close());
    await host.decide(decision());
    expect(await dial('/rooms/7', 'mallory')).toMatchObject({ status: 403 });
    const socket = (await dial('/rooms/8', 'ada')) as WebSocket;
    await talk(socket, 'y'.repeat(2_000));
    socket.close();
    const logs = await host.logs(2);
    expect(logs[1]).toMatchObject({ route: '/rooms/:room', status: 101, actor: 'ada' });
    expect(logs[1]?.bytesIn).toBeGreaterThan(2_000);
    expect(logs[1]?.bytesOut).toBeGreaterThan(2_000);
  });
});
