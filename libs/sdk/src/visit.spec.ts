import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage, versions } from '../test/apps.js';

let stage: Stage;
beforeEach(async () => {
  stage = new Stage();
  await stage.server.start();
});
afterEach(() => stage.stop());

const as = (user: string) => ({ headers: { 'x-user': user } });
const identify = (request: Request) => request.get('x-user');

describe.each(versions)('%s', (_name, express) => {
  describe('records', () => {
    it('what a request was, and nothing secret of it', async () => {
      const app = express();
      app.use(stage.open({ identify }));
      app.use(express.json());
      app.post('/orders/:id', (_request, response) => {
        response.status(201).json({ secretAnswer: 'canary-answer' });
      });
      await stage.start(app);
      await stage.call('/orders/17?token=canary-query', {
        method: 'POST',
        headers: {
          ...as('alice').headers,
          authorization: 'Bearer canary-token',
          cookie: 'connect.sid=canary-cookie',
          'content-type': 'application/json',
          'user-agent': 'test/1',
          'x-secret': 'canary-header',
        },
        body: JSON.stringify({ card: 'canary-body' }),
      });
      const [log] = await stage.logs(1);
      expect(log).toMatchObject({
        method: 'POST',
        path: '/orders/17',
        route: '/orders/:id',
        status: 201,
        ip: '127.0.0.1',
        userAgent: 'test/1',
        actor: 'alice',
        authenticated: true,
        bytesIn: 22,
        bytesOut: 32,
      });
      expect(log?.credential).toMatch(/^cf_[\w-]{22}$/);
      expect(log?.durationMs).toBeGreaterThan(0);
      expect(Math.abs(Number(log?.ts) - Date.now())).toBeLessThan(5_000);
      const wire = JSON.stringify(stage.server.batches);
      expect(wire).not.toContain('canary');
      expect(wire).not.toContain(createHash('sha256').update('canary-token').digest('base64url').slice(0, 22));
    });

    it('the template of routers mounted in routers, with parameters', async () => {
      const app = express();
      const orders = express.Router();
      const users = express.Router({ mergeParams: true });
      orders.get('/', (_request, response) => void response.send('all'));
      orders.get('/:orderId', (_request, response) => void response.send('one'));
      orders.get(['/a/list', '/b/list'], (_request, response) => void response.send('either'));
      orders.get('/:orderId/fail', () => {
        throw new Error('no');
      });
      users.use('/:userId/orders', orders);
      app.use(stage.open());
      app.use('/api', users);
      app.get('/', (_request, response) => void response.send('home'));
      app.use((_error: Error, _request: Request, response: Response, _next: NextFunction) => void response.status(500).send('x'));
      await stage.start(app);
      const paths = ['/api/7/orders', '/api/7/orders/99', '/api/7/orders/b/list', '/api/7/orders/99/fail', '/', '/nothing'];
      for (const path of paths) await (await stage.call(path)).text();
      const routes = (await stage.logs(6)).map(({ status, route }) => [status, route]);
      expect(routes).toEqual([
        [200, '/api/:userId/orders'],
        [200, '/api/:userId/orders/:orderId'],
        [200, '/api/:userId/orders/b/list'],
        [500, '/api/:userId/orders/:orderId/fail'],
        [200, '/'],
        [404, undefined],
      ]);
    });

    it('apps in apps, whole, also where it is mounted below a path itself', async () => {
      const app = express();
      const inner = express();
      inner.get('/things/:id', (request, response) => void response.send(request.baseUrl));
      app.use('/tenants/:tenant', stage.open(), inner);
      await stage.start(app);
      // A value that looks like the path's literal is taken for the parameter on the right.
      for (const tenant of ['acme', 'tenants', 'a%20b']) {
        expect(await (await stage.call(`/tenants/${tenant}/things/3`)).text()).toBe(`/tenants/${tenant}`);
      }
      for (const log of await stage.logs(3)) expect(log).toMatchObject({ route: '/tenants/:tenant/things/:id' });
      expect(stage.server.logs[0]).toMatchObject({ path: '/tenants/acme/things/3' });
    });

    it('the template of an app whose routes lie in one router, and of a router that comes later', async () => {
      const app = express();
      app.use(stage.open());
      app.get('/orders/:id', (request, response, next) => (request.params['id'] === '7' ? next() : response.send('one')));
      app.get(['/a/:x', '/b/:y'], (_request, response) => void response.send('either'));
      await stage.start(app);
      for (const path of ['/orders/9', '/b/2', '/orders/7', '/nothing']) await (await stage.call(path)).text();
      const later = express.Router();
      later.get('/:id', (_request, response) => void response.send('later'));
      app.use('/later/:of', later);
      await (await stage.call('/later/a/1')).text();
      const routes = (await stage.logs(5)).map(({ status, route }) => [status, route]);
      expect(routes).toEqual([
        [200, '/orders/:id'],
        [200, '/b/:y'],
        [404, '/orders/:id'],
        [404, undefined],
        [200, '/later/:of/:id'],
      ]);
    });

    it('the right template also where a router hides in a function', async () => {
      const app = express();
      const hidden = express.Router();
      hidden.get('/:id', (_request, response) => void response.send('one'));
      hidden.get('/:id/fail', () => {
        throw new Error('no');
      });
      app.use(stage.open());
      app.use('/users/:user', (request, response, next) => hidden(request, response, next));
      app.use((_error: Error, _request: Request, response: Response, _next: NextFunction) => void response.status(500).send('x'));
      await stage.start(app);
      for (const path of ['/users/1/2', '/users/1/2', '/users/1/2/fail']) await (await stage.call(path)).text();
      const routes = (await stage.logs(3)).map(({ route }) => route);
      expect(routes).toEqual(['/users/:user/:id', '/users/:user/:id', '/users/:user/:id/fail']);
    });

    it('no route where a handler for all paths answers', async () => {
      const app = express();
      app.use(stage.open());
      app.all(/.*/, (_request, _response, next) => next());
      await stage.start(app);
      await stage.call('/nowhere');
      expect((await stage.logs(1))[0]).not.toHaveProperty('route');
    });

    it('a stream once, when its client has left', async () => {
      const app = express();
      app.use(stage.open());
      app.get('/events', (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
      });
      await stage.start(app);
      const answer = await stage.call('/events');
      await answer.body?.cancel();
      const [log] = await stage.logs(1);
      expect(log).toMatchObject({ path: '/events', route: '/events', status: 200 });
      expect(log?.bytesOut).toBeGreaterThan(8);
      await stage.call('/other');
      expect((await stage.logs(2)).map(({ path }) => path)).toEqual(['/events', '/other']);
    });

    it('499 where the client leaves before any answer', async () => {
      const app = express();
      app.use(stage.open());
      app.get('/slow', () => undefined);
      await stage.start(app);
      const request = httpRequest(`${stage.url}/slow`).on('error', () => undefined);
      request.end();
      setTimeout(() => request.destroy(), 30);
      expect((await stage.logs(1))[0]).toMatchObject({ path: '/slow', status: 499 });
    });

    it('the actor that only the host\u2019s later middleware knew, and outcomes of sign-ins', async () => {
      const app = express();
      const known = new WeakMap<Request, string>();
      app.use(
        stage.open({
          identify: (request) => {
            if (request.path === '/sign-in') return { actor: 'bob', authenticated: false, auth: 'failure' };
            return known.get(request);
          },
        }),
      );
      app.use((request, _response, next) => {
        known.set(request, 'carol');
        next();
      });
      app.get('/me', (_request, response) => void response.send('me'));
      app.post('/sign-in', (_request, response) => void response.status(401).send('no'));
      await stage.start(app);
      await stage.call('/me');
      await stage.call('/sign-in', { method: 'POST' });
      const [me, signIn] = await stage.logs(2);
      expect(me).toMatchObject({ actor: 'carol', authenticated: true });
      expect(signIn).toMatchObject({ actor: 'bob', authenticated: false, auth: 'failure' });
    });

    it.each([
      [0, '127.0.0.1'],
      [1, '203.0.113.9'],
      [2, '198.51.100.4'],
    ])('the address behind %i trusted proxies', async (trustedProxies, ip) => {
      const app = express();
      app.use(stage.open({ trustedProxies }));
      await stage.start(app);
      await stage.call('/', { headers: { 'x-forwarded-for': '10.9.9.9, 198.51.100.4, 203.0.113.9' } });
      expect((await stage.logs(1))[0]).toMatchObject({ ip });
    });
  });
});
