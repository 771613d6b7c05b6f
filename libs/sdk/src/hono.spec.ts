import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decision } from '../test/fake-plimsoll.js';
import { Host } from '../test/host.js';
import { plimsollHono } from './hono.js';

let host: Host;
beforeEach(async () => {
  host = new Host();
  await host.plimsoll.start();
});
afterEach(() => host.stop());

type Env = { Bindings: HttpBindings; Variables: { user?: string } };
const identify = (context: Context<Env>) => context.req.header('x-user');

async function open(): Promise<void> {
  const app = new Hono<Env>();
  const plimsoll = plimsollHono<Context<Env>>({ ...host.options, identify });
  app.use(plimsoll);
  const items = new Hono<Env>();
  items.get('/', (context) => context.text('all'));
  items.get('/:itemId{[0-9]+}', (context) => context.text('one'));
  items.get('/:itemId{[0-9]+}/fail', () => {
    throw new Error('no');
  });
  const shops = new Hono<Env>();
  shops.use('/*', async (_context, next) => next());
  shops.route('/:shopId/items', items);
  shops.get('/files/*', (context) => context.text('file'));
  app.route('/shops', shops);
  app.basePath('/v2').get('/users/:id?', (context) => context.text('user'));
  app.get('/events', (context) =>
    streamSSE(context, async (stream) => {
      await stream.writeSSE({ data: 'one' });
      await new Promise((resolve) => stream.onAbort(() => resolve(undefined)));
    }),
  );
  app.onError((_error, context) => context.text('broken', 500));
  await host.start(getRequestListener(app.fetch), plimsoll.guard);
}

describe('Hono on Node', () => {
  it('records the template of apps in apps, and none where no route answered', async () => {
    await open();
    const paths = [
      '/shops/7/items',
      '/shops/7/items/9?x=1',
      '/shops/7/items/9/fail',
      '/shops/files/a/b',
      '/v2/users/3',
      '/v2/users',
      '/shops/none',
      '/none',
    ];
    for (const path of paths) await (await host.call(path, { user: 'ada' })).text();
    expect((await host.logs(8)).map(({ status, route }) => [status, route])).toEqual([
      [200, '/shops/:shopId/items'],
      [200, '/shops/:shopId/items/:itemId{[0-9]+}'],
      [500, '/shops/:shopId/items/:itemId{[0-9]+}/fail'],
      [200, '/shops/files/*'],
      [200, '/v2/users/:id?'],
      [200, '/v2/users/:id?'],
      [404, undefined],
      [404, undefined],
    ]);
    expect(host.plimsoll.logs[1]).toMatchObject({ path: '/shops/7/items/9', actor: 'ada', ip: '127.0.0.1' });
  });

  it('refuses before the host\u2019s middleware, with a problem document and the limit\u2019s fields', async () => {
    await open();
    await host.decide(
      decision(),
      decision({ action: 'throttle', rate: { requests: 1, windowSeconds: 60 }, subject: { type: 'actor', id: 'eve' } }),
    );
    const blocked = await host.call('/shops/7/items', { user: 'mallory' });
    expect([blocked.status, blocked.headers.get('content-type')]).toEqual([403, 'application/problem+json']);
    expect(await blocked.json()).toMatchObject({ code: 'forbidden' });
    expect((await host.call('/shops/7/items', { user: 'eve' })).headers.get('ratelimit')).toBe('"actor";r=0;t=60');
    const throttled = await host.call('/shops/7/items', { user: 'eve' });
    expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '60']);
    expect((await host.logs(3)).map(({ verdict }) => verdict)).toEqual(['block', undefined, 'throttle']);
  });

  it('refuses an actor known only behind the host\u2019s authentication, where it is mounted again', async () => {
    const app = new Hono<Env>();
    const plimsoll = plimsollHono<Context<Env>>({ ...host.options, identify: (context) => context.get('user') });
    app.use(plimsoll);
    app.use(async (context, next) => {
      context.set('user', context.req.header('x-user') ?? '');
      await next();
    });
    app.use(plimsoll);
    app.get('/', (context) => context.text('ok'));
    await host.start(getRequestListener(app.fetch), plimsoll.guard);
    await host.decide(decision());
    expect((await host.call('/', { user: 'mallory' })).status).toBe(403);
    expect((await host.call('/', { user: 'ada' })).status).toBe(200);
    expect((await host.logs(2)).map(({ actor, verdict }) => [actor, verdict])).toEqual([
      ['mallory', 'block'],
      ['ada', undefined],
    ]);
  });

  it('records a stream that its client has left once, with status, duration and bytes', async () => {
    await open();
    const answer = await host.call('/events');
    await answer.body?.getReader().read();
    await new Promise((resolve) => setTimeout(resolve, 60));
    await answer.body?.cancel().catch(() => undefined);
    host.server.closeAllConnections();
    const [log] = await host.logs(1);
    expect(log).toMatchObject({ route: '/events', status: 200 });
    expect(log?.durationMs).toBeGreaterThan(50);
    expect(log?.bytesOut).toBeGreaterThan(10);
  });

  it('lets everything pass where the runtime is not Node, and says so', async () => {
    const app = new Hono<Env>();
    const plimsoll = plimsollHono<Context<Env>>({ ...host.options, identify });
    app.use(plimsoll).get('/', (context) => context.text('ok'));
    await host.start((_request, response) => void response.end(), plimsoll.guard);
    await host.decide(decision());
    expect(await (await app.request('/', { headers: { 'x-user': 'mallory' } })).text()).toBe('ok');
    expect(plimsoll.guard.stats().faults.config).toBe(1);
  });
});
