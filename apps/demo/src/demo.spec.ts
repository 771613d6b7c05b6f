import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decision, FakePlimsoll, KEY } from '../../../libs/sdk/test/fake-plimsoll.js';
import { type Demo, startDemo } from './demo.js';
import { readEnv } from './env.js';

let plimsoll: FakePlimsoll;
let demo: Demo;

beforeAll(async () => {
  plimsoll = await new FakePlimsoll().start();
  demo = await startDemo({ HOST: 'localhost', PORT: 0, PLIMSOLL_URL: plimsoll.url, PLIMSOLL_KEY: KEY, TRAFFIC: 'off' });
});
afterAll(async () => {
  await demo.stop();
  await plimsoll.stop();
});
beforeEach(() => {
  plimsoll.batches.length = 0;
});

async function until<T>(probe: () => Promise<T | undefined> | T | undefined, what: string): Promise<T> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`never happened: ${what}`);
}
const call = (path: string, user?: string, body?: object, headers: Record<string, string> = {}) =>
  fetch(new URL(path, demo.url), {
    method: body ? 'POST' : 'GET',
    headers: {
      ...headers,
      ...(user ? { authorization: `Bearer token-${user}` } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
const recorded = (path: string) => until(() => plimsoll.logs.find((log) => log.path === path), `a request log of ${path}`);

describe('the shop', () => {
  it('welcomes people with a page that says how to attack it', async () => {
    const page = await call('/');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const text = await page.text();
    expect(text).toContain('npx plimsoll simulate --attack flood');
    expect(text).toContain(demo.url);
  });
  it('serves on both addresses of localhost where there are two', async () => {
    const { port } = new URL(demo.url);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  });
  it('sells', async () => {
    const login = await call('/login', undefined, { user: 'user-03', password: 'password-user-03' });
    expect(await login.json()).toEqual({ token: 'token-user-03' });
    expect(await (await call('/me', 'user-03')).json()).toEqual({ name: 'user-03' });
    expect((await call('/cart', 'user-03', { productId: 5 })).status).toBe(201);
    const order = await (await call('/checkout', 'user-03', {})).json();
    expect((await call(`/orders/${order.id}`, 'user-03')).status).toBe(200);
    expect((await call(`/orders/${order.id}`, 'user-04')).status).toBe(403);
    expect((await call('/checkout', 'user-03', {})).status).toBe(409);
    expect((await (await call('/search?q=brass')).json()).products.length).toBeGreaterThan(5);
  });
  it.each([
    ['/products', 200],
    ['/products?page=-1', 400],
    ['/products/7', 200],
    ['/products/700', 404],
    ['/products/__proto__', 404],
    ['/search', 400],
    ['/me', 401],
    ['/orders/1', 401],
    ['/nothing', 404],
  ])('answers GET %s with %i', async (path, status) => {
    expect((await call(path)).status).toBe(status);
  });
  it('answers what cannot be read', async () => {
    const broken = await fetch(new URL('/login', demo.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect(broken.status).toBe(400);
    expect(await broken.json()).toEqual({ error: 'That cannot be read.' });
    expect((await call('/login', undefined, { user: 'a', password: 'x'.repeat(20_000) })).status).toBe(413);
  });
});

describe('what Plimsoll learns of it', () => {
  it('the actor of a token, the route, the address behind the proxy, and no secret', async () => {
    await call('/products/9?session=canary', 'user-07', undefined, { 'x-forwarded-for': '203.0.113.9' });
    const log = await recorded('/products/9');
    expect(log).toMatchObject({ actor: 'user-07', authenticated: true, route: '/products/:id', ip: '203.0.113.9', status: 200 });
    expect(JSON.stringify(plimsoll.logs)).not.toMatch(/canary|token-user/);
  });
  it('a failed sign-in as a claim', async () => {
    await call('/login', undefined, { user: 'user-08', password: 'canary' });
    expect(await recorded('/login')).toMatchObject({ actor: 'user-08', authenticated: false, auth: 'failure', status: 401 });
    await call('/login', undefined, { user: 'user-08', password: 'password-user-08' });
    const good = await until(() => plimsoll.logs.find((log) => log.auth === 'success'), 'a good sign-in');
    expect(good).toMatchObject({ actor: 'user-08', authenticated: true, status: 200 });
    expect(JSON.stringify(plimsoll.logs)).not.toContain('canary');
  });
  it('and enforces a block of one user, not of others', async () => {
    plimsoll.publish(decision({ subject: { type: 'actor', id: 'user-09' } }));
    await until(async () => (await call('/me', 'user-09')).status === 403 || undefined, 'the block');
    expect((await call('/me', 'user-10')).status).toBe(200);
  });
});

describe('the environment', () => {
  it('is refused with a line for each fault, without repeating values', () => {
    const read = readEnv({ PORT: 'canary', PLIMSOLL_URL: 'ftp://canary', TRAFFIC: 'canary' });
    const faults = 'faults' in read ? read.faults : [];
    expect(faults.map((fault) => fault.split(':')[0]).sort()).toEqual(['PLIMSOLL_KEY', 'PLIMSOLL_URL', 'PORT', 'TRAFFIC']);
    expect(faults.join()).not.toContain('canary');
  });
});
