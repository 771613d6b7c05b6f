import { Agent, get } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stage, versions } from '../test/apps.js';
import { decision, until } from '../test/fake-plimsoll.js';
import type { ExpressOptions } from './express.js';

let stage: Stage;
beforeEach(async () => {
  stage = new Stage();
  await stage.server.start();
});
afterEach(() => stage.stop());

const as = (user: string) => ({ headers: { 'x-user': user } });
const identify = (request: Request) => request.get('x-user');

describe.each(versions)('%s', (_name, express) => {
  describe('refuses', () => {
    const shop = (options: Partial<ExpressOptions<Request>> = { identify }) => {
      const app = express();
      app.use(stage.open(options));
      app.get('/orders/:id', (_request, response) => void response.send('order'));
      app.get('/cart', (_request, response) => void response.send('cart'));
      return app;
    };

    it('a blocked actor with 403, others not; lifted, the actor is let in again', async () => {
      stage.server.publish(decision({ id: 'dec_x', reason: 'internal detail' }));
      await stage.start(shop());
      const refused = await stage.call('/cart', as('mallory'));
      expect(refused.status).toBe(403);
      expect(refused.headers.get('content-type')).toBe('application/problem+json');
      expect(refused.headers.get('cache-control')).toBe('no-store');
      const text = await refused.text();
      expect(JSON.parse(text)).toEqual({
        type: 'urn:plimsoll:problem:forbidden',
        title: 'Forbidden',
        status: 403,
        code: 'forbidden',
        instance: 'urn:plimsoll:decision:dec_x',
      });
      expect((await stage.call('/cart', as('alice'))).status).toBe(200);
      const [log] = await stage.logs(2);
      expect(log).toMatchObject({ status: 403, actor: 'mallory', verdict: 'block', path: '/cart' });
      stage.server.publish();
      await until(() => stage.guard.stats().decisions === 0, 'lifted');
      expect((await stage.call('/cart', as('mallory'))).status).toBe(200);
    });

    it('a throttled actor with 429 and Retry-After, on one endpoint only', async () => {
      const rate = { requests: 2, windowSeconds: 60 };
      stage.server.publish(decision({ action: 'throttle', rate, endpoint: 'GET /orders/:id' }));
      await stage.start(shop());
      const statuses: number[] = [];
      for (let index = 0; index < 6; index += 1) statuses.push((await stage.call(`/Orders/${index}`, as('mallory'))).status);
      expect(statuses).toEqual([200, 200, 429, 429, 429, 429]);
      const refused = await stage.call('/orders/9/', as('mallory'));
      expect(refused.headers.get('retry-after')).toBe('30');
      expect(await refused.json()).toMatchObject({ status: 429, code: 'too-many-requests' });
      expect((await stage.call('/cart', as('mallory'))).status).toBe(200);
      const sent = await stage.logs(8);
      expect(sent[3]).toMatchObject({ status: 429, verdict: 'throttle', route: '/orders/:id' });
    });

    it('on that endpoint also where the request names it in absolute form', async () => {
      stage.server.publish(decision({ endpoint: 'GET /orders/:id' }));
      await stage.start(shop());
      const { hostname, port } = new URL(stage.url);
      const target = { hostname, port, path: 'http://elsewhere.example/orders/7?x=1', headers: { 'x-user': 'mallory' } };
      const status = await new Promise((resolve) => get(target, (answer) => resolve(answer.resume().statusCode)));
      expect(status).toBe(403);
      const [log] = await stage.logs(1);
      expect(log).toMatchObject({ path: '/orders/7', route: '/orders/:id' });
    });

    it('nothing of what the host finds on request and response, and no other is there', async () => {
      const app = express();
      app.use(stage.open({ identify }));
      app.get('/seen', (request, response) => {
        const own = Object.getOwnPropertyDescriptor(response, 'req');
        response.json([response.req === request, request.res === response, own?.writable, own?.enumerable, own?.configurable]);
      });
      await stage.start(app);
      for (let time = 0; time < 3; time += 1)
        expect(await (await stage.call('/seen')).json()).toEqual([true, true, true, true, true]);
    });

    it('by address and by credential', async () => {
      await stage.start(shop());
      const credential = stage.guard.fingerprint('bearer stolen');
      stage.server.publish(decision({ subject: { type: 'credential', id: credential } }));
      await until(() => stage.guard.stats().decisions === 1, 'held');
      expect((await stage.call('/cart', { headers: { authorization: 'Bearer stolen' } })).status).toBe(403);
      expect((await stage.call('/cart', { headers: { authorization: 'Bearer own' } })).status).toBe(200);
      stage.server.publish(decision({ subject: { type: 'address', id: '127.0.0.1' } }));
      await until(() => stage.guard.stats().feedVersion === 2, 'held');
      expect((await stage.call('/cart')).status).toBe(403);
    });

    it('by credential where one connection carries several, of several clients', async () => {
      await stage.start(shop());
      stage.server.publish(decision({ subject: { type: 'credential', id: stage.guard.fingerprint('bearer stolen') } }));
      await until(() => stage.guard.stats().decisions === 1, 'held');
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const statuses: unknown[] = [];
      for (const token of ['own', 'stolen', 'stolen', 'own', 'STOLEN']) {
        const target = { agent, headers: { authorization: `Bearer ${token}` } };
        const sent = (resolve: (status: unknown) => void) =>
          get(`${stage.url}/cart`, target, (answer) => answer.resume().on('end', () => resolve(answer.statusCode)));
        statuses.push(await new Promise(sent));
      }
      agent.destroy();
      expect(statuses).toEqual([200, 403, 403, 200, 200]);
      const logs = await stage.logs(5);
      expect(new Set(logs.map(({ credential }) => credential)).size).toBe(3);
    });

    it('an actor that is known only behind the host\u2019s authentication, where it is mounted again', async () => {
      const rate = { requests: 1, windowSeconds: 60 };
      stage.server.publish(decision(), decision({ action: 'throttle', rate, subject: { type: 'address', id: '127.0.0.1' } }));
      const users = new WeakMap<Request, string>();
      const app = express();
      const protect = stage.open({ identify: (request) => users.get(request) });
      app.use(protect);
      app.use((request, _response, next) => {
        users.set(request, request.get('x-user') ?? 'nobody');
        next();
      });
      app.use(protect);
      app.get('/cart', (_request, response) => void response.send('cart'));
      await stage.start(app);
      // Twice in the chain, counted once against the address.
      expect((await stage.call('/cart', as('alice'))).status).toBe(200);
      expect((await stage.call('/cart', as('alice'))).status).toBe(429);
      stage.server.publish(decision());
      await until(() => stage.guard.stats().decisions === 1, 'held');
      expect((await stage.call('/cart', as('mallory'))).status).toBe(403);
      expect((await stage.logs(3)).map(({ status, verdict }) => [status, verdict])).toEqual([
        [200, undefined],
        [429, 'throttle'],
        [403, 'block'],
      ]);
    });
  });

  it('lets everything pass when identify throws, is async, or gives nonsense, and counts it', async () => {
    const answers = [
      () => {
        throw new Error('host bug');
      },
      () => Promise.reject(new Error('async')),
      () => ({ actor: {} }),
      () => 'x'.repeat(300),
    ];
    const app = express();
    let turn = 0;
    app.use(stage.open({ identify: () => answers[turn]?.() as unknown as string }));
    app.get('/', (_request, response) => void response.send('ok'));
    await stage.start(app);
    for (turn = 0; turn < answers.length; turn += 1) expect((await stage.call('/')).status).toBe(200);
    for (const log of await stage.logs(4)) expect(log).not.toHaveProperty('actor');
    expect(stage.guard.stats().faults.identify).toBe(8);
  });

  it('leaves errors of the host to the host', async () => {
    const app = express();
    app.use(stage.open());
    app.get('/', () => {
      throw new Error('of the host');
    });
    app.use((error: Error, _request: Request, response: Response, _next: NextFunction) => {
      response.status(500).send(error.message);
    });
    await stage.start(app);
    expect(await (await stage.call('/')).text()).toBe('of the host');
    expect(stage.guard.stats().faults.internal).toBe(0);
  });
});
