import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decision, FakePlimsoll, KEY, until } from '../test/fake-plimsoll.js';
import { Packed, root } from '../test/packed.js';

const nest = ['common', 'core', 'platform-express', 'platform-fastify'].map((name) => `@nestjs/${name}`);
const hosts: [string, string][] = [
  ['10', join(root, 'test/hosts/nest10/node_modules')],
  ['11', join(root, 'test/hosts/nest11/node_modules')],
  ['12', join(root, 'node_modules')],
];

describe.each(hosts)('NestJS %s', (_version, modules) => {
  let packed: Packed;
  beforeAll(() => {
    packed = new Packed();
    for (const name of nest) packed.beside(name, join(modules, name));
    packed.beside('reflect-metadata').beside('rxjs');
    cpSync(join(root, 'libs/sdk/test/nest-app.mjs'), join(packed.folder, 'nest-app.mjs'));
  }, 60_000);
  afterAll(() => packed.stop());

  const server = { current: new FakePlimsoll() };
  beforeEach(async () => {
    server.current = await new FakePlimsoll().start();
  });
  afterEach(() => server.current.stop());

  it.each([
    ['express', 'esm'],
    ['express', 'cjs'],
    ['fastify', 'esm'],
    ['fastify', 'cjs'],
  ])(
    'on %s, as %s: records templates, refuses early and behind the guards',
    async (platform, format) => {
      const plimsoll = server.current;
      const rate = { requests: 1, windowSeconds: 60 };
      plimsoll.publish(decision(), decision({ action: 'throttle', rate, subject: { type: 'actor', id: 'eve' } }));
      const env = { PLIMSOLL_URL: plimsoll.url, PLIMSOLL_KEY: KEY };
      const url = await packed.start(['nest-app.mjs', platform, format], env);
      const call = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
        fetch(url + path, { ...init, headers });
      const order = '/api/v1/shops/3/orders/7';

      await (await call(`${order}?x=1`, { 'x-user': 'ada' })).text();
      await (await call(`${order}/fail`)).text();
      await (await call(`${order}/gone`)).text();
      await (await call('/api/v1/none')).text();
      const bad = await call('/api/v1/shops/3/orders', { 'content-type': 'application/json' }, { method: 'POST', body: '{"a":' });
      await bad.text();
      await until(() => plimsoll.logs.length >= 5, 'five logs');
      const seen = plimsoll.logs.map(({ method, status, route }) => [method, status, route]);
      expect(seen.slice(0, 4)).toEqual([
        ['GET', 200, '/api/v1/shops/:shop/orders/:id'],
        ['GET', 500, '/api/v1/shops/:shop/orders/:id/fail'],
        ['GET', 410, '/api/v1/shops/:shop/orders/:id/gone'],
        ['GET', 404, undefined],
      ]);
      // A body that cannot be parsed never comes to a route of Express; Fastify routes before it parses.
      expect(seen[4]).toEqual(['POST', 400, platform === 'fastify' ? '/api/v1/shops/:shop/orders' : undefined]);

      const early = await call(order, { 'x-user': 'mallory' });
      expect([early.status, early.headers.get('content-type')]).toEqual([403, 'application/problem+json']);
      const late = await call(order, { 'x-late': 'mallory' });
      expect([late.status, late.headers.get('content-type')]).toEqual([403, 'application/problem+json']);
      expect(await late.json()).toEqual(await early.json());
      expect((await call(order, { 'x-late': 'mallory', 'x-friend': 'yes' })).status).toBe(200);
      expect((await call(order, { 'x-late': 'eve' })).headers.get('ratelimit')).toBe('"actor";r=0;t=60');
      const throttled = await call(order, { 'x-late': 'eve' });
      expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '60']);
      await until(() => plimsoll.logs.length >= 10, 'ten logs');
      expect(plimsoll.logs.slice(5).map(({ actor, status, verdict }) => [actor, status, verdict])).toEqual([
        ['mallory', 403, 'block'],
        ['mallory', 403, 'block'],
        ['mallory', 200, undefined],
        ['eve', 200, undefined],
        ['eve', 429, 'throttle'],
      ]);
    },
    40_000,
  );
});
