import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decision, until } from '../test/fake-plimsoll.js';
import { Host } from '../test/host.js';
import { type HttpOptions, plimsollHttp } from './http.js';
import { quotaFields } from './quota.js';
import type { Verdict } from './verdict.js';

let host: Host;
let served: number;
beforeEach(async () => {
  served = 0;
  host = new Host();
  await host.plimsoll.start();
});
afterEach(() => host.stop());

const open = async (options: Partial<HttpOptions> = {}) => {
  const identify: HttpOptions['identify'] = ({ headers }) => headers['x-user'] as string | undefined;
  const listener = plimsollHttp({ ...host.options, identify, ...options }, (_request, response) => {
    served += 1;
    response.end('served');
  });
  await host.start(listener, listener.guard);
};
const throttle = { action: 'throttle', rate: { requests: 2, windowSeconds: 60 } } as const;

describe('a throttled client', () => {
  it('is told what is left of its limit, before and when it is refused', async () => {
    await open();
    await host.decide(decision(throttle));
    const answers = [];
    for (let n = 0; n < 4; n += 1) answers.push(await host.call('/', { user: 'mallory' }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 429]);
    expect(answers.map(({ headers }) => headers.get('ratelimit-policy'))).toEqual(Array(4).fill('"actor";q=2;w=60'));
    expect(answers.map(({ headers }) => headers.get('ratelimit'))).toEqual([
      '"actor";r=1;t=30',
      '"actor";r=0;t=30',
      '"actor";r=0;t=30',
      '"actor";r=0;t=30',
    ]);
    expect(answers[2]?.headers.get('retry-after')).toBe('30');
    expect(await answers[2]?.json()).toEqual({
      type: 'urn:plimsoll:problem:too-many-requests',
      title: 'Too many requests',
      status: 429,
      code: 'too-many-requests',
      detail: 'Try again in 30 s.',
      'violated-policies': ['actor'],
      instance: expect.stringMatching(/^urn:plimsoll:decision:dec_\d+$/),
    });
    const free = await host.call('/', { user: 'ada' });
    expect([free.status, free.headers.get('ratelimit')]).toEqual([200, null]);
  });

  it('is told the tightest of several limits with one name, and each name once', async () => {
    const address = { type: 'address', id: '127.0.0.1' } as const;
    await open();
    await host.decide(
      decision({ action: 'throttle', rate: { requests: 60, windowSeconds: 60 }, subject: address }),
      decision({ ...throttle, subject: address }),
      decision({ action: 'throttle', rate: { requests: 0.5, windowSeconds: 1 }, endpoint: 'GET /a' }),
    );
    const { headers } = await host.call('/a', { user: 'mallory' });
    expect(headers.get('ratelimit-policy')).toBe('"actor-endpoint";q=1;w=2, "address";q=2;w=60');
    expect(headers.get('ratelimit')).toBe('"actor-endpoint";r=0;t=2, "address";r=1;t=30');
  });

  it('gets fields that parse as structured fields', () => {
    const fields = quotaFields([{ name: 'actor', requests: 5, windowSeconds: 1, remaining: 3, resetSeconds: 1 }]);
    // RFC 9651: a list of strings with integer parameters.
    for (const value of Object.values(fields)) expect(value).toMatch(/^"[\x20-\x7e]+"(;[a-z]+=\d{1,15})+$/);
  });
});

describe('the answer', () => {
  it('is the host\u2019s to change: status, fields, body', async () => {
    await open({
      answer: (refusal, verdict, request) => ({
        status: verdict.verdict === 'block' ? 404 : refusal.status,
        headers: { 'Content-Type': 'text/plain', 'X-Help': 'call us' },
        body: `no ${request.headers['x-user']}`,
      }),
    });
    await host.decide(decision());
    const answer = await host.call('/', { user: 'mallory' });
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('x-help')]).toEqual([
      404,
      'text/plain',
      'call us',
    ]);
    expect([await answer.text(), served]).toEqual(['no mallory', 0]);
    expect((await host.logs(1))[0]).toMatchObject({ status: 404, verdict: 'block' });
  });

  it.each<[string, NonNullable<HttpOptions['answer']>]>([
    [
      'throws',
      () => {
        throw new Error('host bug');
      },
    ],
    ['is no refusal', () => ({ status: 200 })],
    ['would split the response', () => ({ headers: { 'x-a': 'b\r\nc: d' } })],
    ['breaks a name', () => ({ headers: { 'x a': 'b' } })],
    ['cannot be written as JSON', () => ({ body: 1n })],
  ])('stays ours where the host\u2019s %s, and the request stays refused', async (_what, answer) => {
    await open({ answer });
    await host.decide(decision());
    const refused = await host.call('/', { user: 'mallory' });
    expect([refused.status, served]).toEqual([403, 0]);
    expect(await refused.json()).toMatchObject({ code: 'forbidden' });
    expect(host.guard.stats().faults.hook).toBe(1);
  });
});

describe('onVerdict', () => {
  const saying = (said: unknown) => open({ onVerdict: () => said as Verdict });

  it('is told each verdict with its request', async () => {
    const told: [string, string | undefined][] = [];
    await open({
      onVerdict: ({ verdict }, { url }) => {
        told.push([verdict, url]);
        return undefined;
      },
    });
    await host.decide(decision());
    await host.call('/a', { user: 'mallory' });
    await host.call('/b', { user: 'ada' });
    expect(told).toEqual([
      ['block', '/a'],
      ['allow', '/b'],
    ]);
  });

  it('softens: what it lets through is served, and recorded as let through', async () => {
    await saying({ verdict: 'allow' });
    await host.decide(decision());
    expect((await host.call('/', { user: 'mallory' })).status).toBe(200);
    expect((await host.logs(1))[0]).not.toHaveProperty('verdict');
  });

  it.each([
    [{ verdict: 'block', reason: 'of the host' }, 403, 'forbidden'],
    [{ verdict: 'challenge' }, 403, 'challenge-required'],
    [{ verdict: 'throttle', retryAfterSeconds: 7.2 }, 429, 'too-many-requests'],
  ])('hardens: %j', async (said, status, code) => {
    await saying(said);
    const refused = await host.call('/');
    expect([refused.status, served]).toEqual([status, 0]);
    expect(await refused.json()).toMatchObject({ code, status });
    if (status === 429) expect(refused.headers.get('retry-after')).toBe('8');
    expect((await host.logs(1))[0]).toMatchObject({ verdict: said.verdict, status });
  });

  it.each<[string, NonNullable<HttpOptions['onVerdict']>]>([
    [
      'throws',
      () => {
        throw new Error('host bug');
      },
    ],
    ['is async', (() => Promise.reject(new Error('late'))) as unknown as NonNullable<HttpOptions['onVerdict']>],
    ['says nonsense', (() => ({ verdict: 'maybe' })) as unknown as NonNullable<HttpOptions['onVerdict']>],
    ['says null', (() => null) as unknown as NonNullable<HttpOptions['onVerdict']>],
  ])('that %s changes nothing and is counted', async (_what, onVerdict) => {
    await open({ onVerdict });
    await host.decide(decision());
    expect((await host.call('/', { user: 'mallory' })).status).toBe(403);
    expect((await host.call('/', { user: 'ada' })).status).toBe(200);
    expect(host.guard.stats().faults.hook).toBe(2);
  });
});

describe('while decisions are out of reach', () => {
  const silent = () => {
    host.plimsoll.onFeed = (_request, response) => response.writeHead(503).end();
  };

  it('a request passes by default', async () => {
    silent();
    await open();
    expect((await host.call('/payments/7')).status).toBe(200);
  });

  it('a route that fails closed answers 503 until the first decisions are here', async () => {
    silent();
    await open({ failClosed: ['POST /payments/:id', '/admin/*'] });
    const closed = await host.call('/payments/7', { method: 'POST' });
    expect([closed.status, closed.headers.get('retry-after')]).toEqual([503, '10']);
    expect(await closed.json()).toEqual({
      type: 'urn:plimsoll:problem:unavailable',
      title: 'Service unavailable',
      status: 503,
      code: 'unavailable',
    });
    expect((await host.call('/Admin/users/3/')).status).toBe(503);
    expect((await host.call('/payments/7')).status).toBe(200);
    expect((await host.call('/other', { method: 'POST' })).status).toBe(200);
    expect((await host.logs(4))[0]).toMatchObject({ status: 503, verdict: 'block' });
    host.plimsoll.onFeed = undefined;
    await until(() => host.guard.heardMsAgo() !== undefined, 'decisions come');
    expect((await host.call('/payments/7', { method: 'POST' })).status).toBe(200);
  });

  it('it closes again when Plimsoll has been silent for longer than the host allows', async () => {
    await open({ failClosed: true, staleSeconds: 120 });
    const heard = host.guard.heardMsAgo;
    expect((await host.call('/')).status).toBe(200);
    // A silence of two minutes, without waiting for it.
    host.guard.heardMsAgo = () => (heard.call(host.guard) ?? 0) + 121_000;
    expect((await host.call('/')).status).toBe(503);
    host.guard.heardMsAgo = () => (heard.call(host.guard) ?? 0) + 110_000;
    expect((await host.call('/')).status).toBe(200);
  });

  it('the host may open it', async () => {
    silent();
    await open({ failClosed: true, onVerdict: ({ verdict }) => (verdict === 'block' ? { verdict: 'allow' } : undefined) });
    expect((await host.call('/')).status).toBe(200);
  });

  it('a route that cannot be read is a fault of the options, and closes nothing', async () => {
    silent();
    await open({ failClosed: ['payments'] });
    expect((await host.call('/payments')).status).toBe(200);
    expect(host.guard.stats().faults.config).toBe(1);
  });
});

describe('the client\u2019s address', () => {
  it('is that of the socket where the trusted proxies cannot be read, and one fault says so', async () => {
    await open({ trustedProxies: ['10.0.0.0/99'] });
    await host.call('/', { headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect((await host.logs(1))[0]).toMatchObject({ ip: '127.0.0.1' });
    expect(host.guard.stats().faults.config).toBe(1);
  });
  it('comes from the trusted header alone, and is what decisions are about', async () => {
    await open({ trustedProxies: ['127.0.0.1'], forwardedHeader: 'forwarded' });
    await host.decide(decision({ subject: { type: 'address', id: '2001:db8::1' } }));
    const from = (forwarded: string) => host.call('/', { headers: { forwarded, 'x-forwarded-for': '2001:db8::1' } });
    expect((await from('for="[2001:db8::2]:443"')).status).toBe(403);
    expect((await from('for=198.51.100.4')).status).toBe(200);
    expect((await host.logs(2)).map(({ ip }) => ip)).toEqual(['2001:db8::2', '198.51.100.4']);
  });
});
