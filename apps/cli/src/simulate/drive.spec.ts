import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { attackNames, attacks } from './attacks.js';
import { drive, loopbackUrl } from './drive.js';
import { closing, secondLine } from './report.js';

describe('the target of an attack', () => {
  it.each(['http://localhost:7072', 'http://127.0.0.1:1', 'http://127.9.9.9/', 'http://[::1]:7072', 'http://127.1/'])(
    'may be %s',
    (url) => {
      expect(loopbackUrl(url).protocol).toBe('http:');
    },
  );
  it.each([
    'http://example.com',
    'http://127.0.0.1.example.com/',
    'http://localhost.example.com/',
    'http://localhost@example.com/',
    'http://10.0.0.1/',
    'http://[::ffff:10.0.0.1]/',
    'http://0.0.0.0/',
    'https://localhost/',
    'file:///etc/passwd',
    'localhost:7072',
    '',
  ])('may not be %s', (url) => {
    expect(() => loopbackUrl(url)).toThrow(/this machine/);
  });
});

describe('driving', () => {
  const serve = async (answer: (count: number, request: IncomingMessage) => number) => {
    const seen: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      seen.push(request);
      response.writeHead(answer(seen.length, request), { location: 'http://example.com/' }).end('{}');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return { url, seen, close: () => server.close() };
  };
  const go = (url: URL, rate: number) =>
    drive(
      { url, address: '198.51.100.99', rate, seconds: 1, request: (n) => attacks.flood.request(n, 'user-07') },
      new AbortController().signal,
      () => {},
    );

  it('counts what was served before the first refusal', async () => {
    const shop = await serve((count) => (count > 5 ? 429 : 200));
    const course = await go(shop.url, 40);
    shop.close();
    expect(course.sent).toBe(shop.seen.length);
    expect(course).toMatchObject({ servedBefore: 5, failed: 0, firstRefusal: { status: 429 } });
    expect(course.statuses.get(429)).toBe(course.sent - 5);
    expect(shop.seen[0]?.headers).toMatchObject({ 'x-forwarded-for': '198.51.100.99', authorization: 'Bearer token-user-07' });
    expect(closing(course)).toMatch(
      /^5 requests were served before the first 429, which came after [\d,]+ ms; \d+ of \d+ were refused\.$/,
    );
  });
  it('says so when nothing was refused, and follows no redirect', async () => {
    const shop = await serve(() => 302);
    const course = await go(shop.url, 20);
    shop.close();
    expect(closing(course)).toBe(`${course.sent} requests were answered and none was refused.`);
    expect([...course.statuses.keys()]).toEqual([302]);
  });
  it('outlives a shop that is not there', async () => {
    const course = await go(new URL('http://127.0.0.1:9'), 10);
    expect(course.failed).toBe(course.sent);
    expect(course.sent).toBeGreaterThan(0);
    expect(closing(course)).toContain('got no answer');
  });
  it('ends when it is told to', async () => {
    const shop = await serve(() => 200);
    const controller = new AbortController();
    const plan = {
      url: shop.url,
      address: '198.51.100.99',
      rate: 10,
      seconds: 3600,
      request: (n: number) => attacks.probing.request(n, ''),
    };
    const running = drive(plan, controller.signal, () => {});
    controller.abort();
    await running;
    shop.close();
  });
});

describe('what is said', () => {
  it('of a second', () => {
    expect(
      secondLine(
        3,
        new Map([
          [429, 4],
          [200, 1],
        ]),
      ),
    ).toBe('   3 s   200 served: 1   429 throttled: 4');
    expect(secondLine(3, new Map())).toContain('no answer');
  });
  it('of each attack comes from an address of its own, and from nobody in the demo', () => {
    const addresses = attackNames.map((name) => attacks[name].address);
    expect(new Set(addresses).size).toBe(attackNames.length);
    for (const address of addresses) expect(address).toMatch(/^198\.51\.100\.2[0-9]{2}$/);
  });
  it.each(attackNames)('%s varies its requests as the attack does', (name) => {
    const requests = Array.from({ length: 50 }, (_, n) => attacks[name].request(n, 'user-07'));
    const distinct = new Set(requests.map(({ path, body }) => `${path} ${body ?? ''}`)).size;
    expect(distinct).toBe(name === 'flood' ? 6 : 50);
  });
});
