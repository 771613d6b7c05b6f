import Router from '@koa/router';
import Koa, { type Context } from 'koa';
import mount from 'koa-mount';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decision } from '../test/fake-plimsoll.js';
import { Host } from '../test/host.js';
import { type KoaOptions, plimsollKoa } from './koa.js';

let host: Host;
beforeEach(async () => {
  host = new Host();
  await host.plimsoll.start();
});
afterEach(() => host.stop());

const identify = (context: Context) => context.get('x-user') || undefined;
const protect = (options: KoaOptions<Context> | object = {}) => plimsollKoa<Context>({ ...host.options, identify, ...options });

const say = (text: string) => (context: Context) => {
  context.body = text;
};

/** Routers in routers, a router below a mounted app, and middleware of routers. */
async function open(): Promise<void> {
  const app = new Koa();
  app.silent = true;
  const plimsoll = protect();
  const items = new Router();
  items.get('/', say('all'));
  items.get('/:itemId', say('one'));
  items.get('/:itemId/fail', () => {
    throw new Error('no');
  });
  const shops = new Router({ prefix: '/shops' });
  shops.use(async (_context, next) => next());
  shops.use('/:shopId/items', items.routes(), items.allowedMethods());
  shops.get('/files/{*path}', say('file'));
  const inner = new Koa();
  const admin = new Router();
  admin.get('/', say('admin'));
  admin.get('/users/:id', say('user'));
  inner.use(admin.routes());
  app.use(plimsoll);
  app.use(shops.routes()).use(shops.allowedMethods());
  app.use(mount('/admin/v2', inner));
  await host.start(app.callback(), plimsoll.guard);
}

describe('Koa', () => {
  it('records the template of routers in routers, below mounted apps, and none where no route answered', async () => {
    await open();
    const paths = [
      '/shops/7/items',
      '/shops/7/items/9?x=1',
      '/shops/7/items/9/fail',
      '/shops/files/a/b',
      '/admin/v2/users/3',
      '/admin/v2/',
      '/shops/nothing/here/at/all',
      '/nothing',
    ];
    for (const path of paths) await (await host.call(path, { user: 'ada' })).text();
    await host.call('/shops/7/items/9', { method: 'DELETE' });
    expect((await host.logs(9)).map(({ status, route }) => [status, route])).toEqual([
      [200, '/shops/:shopId/items'],
      [200, '/shops/:shopId/items/:itemId'],
      [500, '/shops/:shopId/items/:itemId/fail'],
      [200, '/shops/files/{*path}'],
      [200, '/admin/v2/users/:id'],
      [200, '/admin/v2'],
      [404, undefined],
      [404, undefined],
      [405, undefined],
    ]);
    expect(host.plimsoll.logs[1]).toMatchObject({ path: '/shops/7/items/9', actor: 'ada', method: 'GET' });
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
    const app = new Koa();
    const plimsoll = protect({ identify: (context: Context) => context.state['user'] as string | undefined });
    app.use(plimsoll);
    app.use(async (context, next) => {
      context.state['user'] = context.get('x-user');
      await next();
    });
    app.use(plimsoll);
    app.use(say('ok'));
    await host.start(app.callback(), plimsoll.guard);
    await host.decide(decision());
    expect((await host.call('/', { user: 'mallory' })).status).toBe(403);
    expect((await host.call('/', { user: 'ada' })).status).toBe(200);
    expect((await host.logs(2)).map(({ actor, verdict }) => [actor, verdict])).toEqual([
      ['mallory', 'block'],
      ['ada', undefined],
    ]);
    expect(host.plimsoll.logs).toHaveLength(2);
  });
});
