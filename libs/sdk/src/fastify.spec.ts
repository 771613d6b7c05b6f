import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import fastify5, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decision, FakePlimsoll, KEY, until } from '../test/fake-plimsoll.js';
import { plimsollFastify } from './fastify.js';

// Fastify 4 has the same shape for what is used here.
const fastify4 = createRequire(import.meta.url)('fastify4') as typeof fastify5;
const versions: [string, typeof fastify5][] = [
  ['Fastify 4', fastify4],
  ['Fastify 5', fastify5],
];

let fastify: typeof fastify5;
const server = new FakePlimsoll();
let app: FastifyInstance;
let close: () => Promise<void> = async () => undefined;

/** An API with a router under a prefix, whose actor is only known in a hook of its own. */
async function open(identify: (request: FastifyRequest) => string | undefined): Promise<string> {
  app = fastify();
  const plugin = plimsollFastify({ url: server.url, key: KEY, flushMs: 10, onError: () => undefined, identify });
  app.register(plugin);
  app.addHook('preValidation', async (request: FastifyRequest) => {
    Object.assign(request, { user: request.headers['x-late'] });
  });
  app.register(
    async (orders: FastifyInstance) => {
      orders.get('/:id', async () => 'order');
      orders.post('/', async () => ({ made: true }));
      orders.get('/files/*', async () => 'file');
      orders.get('/:id/notes/:note?', async () => 'note');
      orders.get('/:id/fail', async () => {
        throw new Error('no');
      });
    },
    { prefix: '/v1/orders' },
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  await plugin.guard.ready(10_000);
  close = async () => {
    await app.close();
    await plugin.guard.close(0);
  };
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}
const named = (request: FastifyRequest) =>
  (request as { user?: string }).user ?? (request.headers['x-user'] as string | undefined);

beforeEach(() => server.start());
afterEach(async () => {
  await close();
  await server.stop();
  server.batches.length = 0;
  server.decisions = [];
});

describe.each(versions)('%s', (_name, version) => {
  beforeEach(() => {
    fastify = version;
  });

  it('records the template through prefixes, the actor and the status; an unknown path has no route', async () => {
    const url = await open(named);
    await (await fetch(`${url}/v1/orders/17?x=1`, { headers: { 'x-user': 'ada' } })).text();
    await (await fetch(`${url}/v1/nothing`)).text();
    await until(() => server.logs.length >= 2, 'two logs');
    expect(server.logs[0]).toMatchObject({
      route: '/v1/orders/:id',
      path: '/v1/orders/17',
      status: 200,
      actor: 'ada',
    });
    expect(server.logs[1]).toMatchObject({ path: '/v1/nothing', status: 404 });
    expect(server.logs[1]).not.toHaveProperty('route');
  });

  it('records wildcards, optional parameters and errors by their templates', async () => {
    const url = await open(named);
    for (const path of ['files/a/b', '7/notes', '7/notes/3', '7/fail', '7/none'])
      await (await fetch(`${url}/v1/orders/${path}`)).text();
    await until(() => server.logs.length >= 5, 'five logs');
    expect(server.logs.map(({ status, route }) => [status, route])).toEqual([
      [200, '/v1/orders/files/*'],
      [200, '/v1/orders/:id/notes/:note?'],
      [200, '/v1/orders/:id/notes/:note?'],
      [500, '/v1/orders/:id/fail'],
      [404, undefined],
    ]);
  });

  it('refuses a blocked actor before the handler with a problem document, also one known late', async () => {
    server.publish(decision({ id: 'dec_x', reason: 'internal detail' }));
    const url = await open(named);
    const early = await fetch(`${url}/v1/orders/1`, { headers: { 'x-user': 'mallory' } });
    expect([early.status, early.headers.get('content-type')]).toEqual([403, 'application/problem+json']);
    expect(await early.text()).not.toContain('internal detail');
    expect((await fetch(`${url}/v1/orders/1`, { headers: { 'x-late': 'mallory' } })).status).toBe(403);
    expect((await fetch(`${url}/v1/orders/1`, { headers: { 'x-user': 'ada' } })).status).toBe(200);
    await until(() => server.logs.length >= 3, 'three logs');
    expect(server.logs.map(({ status, verdict }) => [status, verdict])).toEqual([
      [403, 'block'],
      [403, 'block'],
      [200, undefined],
    ]);
  });

  it('throttles on one endpoint with Retry-After', async () => {
    const rate = { requests: 2, windowSeconds: 60 };
    server.publish(decision({ action: 'throttle', rate, endpoint: 'GET /v1/orders/:id' }));
    const url = await open(named);
    const statuses: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      const answer = await fetch(`${url}/v1/orders/${n}`, { headers: { 'x-user': 'mallory' } });
      statuses.push(answer.status);
      if (answer.status === 429) expect(answer.headers.get('retry-after')).toBe('30');
    }
    expect(statuses.filter((status) => status === 429).length).toBe(2);
    const made = await fetch(`${url}/v1/orders/`, { method: 'POST', headers: { 'x-user': 'mallory' } });
    expect(made.status).toBe(200);
  });

  it('lets everything pass when identify throws, and counts it', async () => {
    const url = await open(() => {
      throw new Error('host bug');
    });
    expect((await fetch(`${url}/v1/orders/1`)).status).toBe(200);
  });
});
