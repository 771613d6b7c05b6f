import { type Demands, demandsSchema, type Share } from '@plimsoll/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decision, FakePlimsoll, KEY, sse, until } from '../test/fake-plimsoll.js';
import { type Guard, plimsoll } from './guard.js';

let server: FakePlimsoll;
let guard: Guard;
const asked: (Demands & { at: number })[] = [];
const throttle = decision({ id: 'dec_1', action: 'throttle', rate: { requests: 60, windowSeconds: 60 } });
const share = (change: Partial<Share> = {}): Share => ({ id: 'dec_1', requests: 0, part: 0.5, busy: true, ...change });

/** Answers with these shares from now on. */
const answer = (shares: Share[], ...more: [object?, string?]) => {
  server.onDemand = (asking, response) => {
    asked.push({ ...asking, at: performance.now() });
    sse(response).end(server.shares(asking, shares, ...(more as [])));
  };
};
/** A guard that knows of the throttle, and of `instances`. */
const open = async (instances: number | undefined, busy: string[] = []) => {
  server.onFeed = (request, response) => {
    const crowd = instances === undefined ? {} : { instances, busy };
    sse(response).write(server.keys() + server.hello(request, crowd) + server.snapshot());
  };
  guard = plimsoll({ url: server.url, key: KEY, onError: () => undefined });
  expect(await guard.ready(10_000)).toBe(true);
};
const verdicts = (count: number) => Array.from({ length: count }, () => guard.check({ actor: 'mallory' }).verdict);
const admitted = (count: number) => verdicts(count).filter((verdict) => verdict === 'allow').length;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

beforeEach(async () => {
  server = await new FakePlimsoll().start();
  server.publish(throttle);
  asked.length = 0;
});
afterEach(async () => {
  await guard.close(0);
  await server.stop();
});

describe('demand', () => {
  it('is told at once for a throttle that comes into use, then once a second while there is any, and no longer', async () => {
    answer([share()]);
    await open(4);
    expect(admitted(3)).toBe(1);
    expect(asked).toEqual([]); // Never inside a request.
    await until(() => asked.length === 1, 'the first');
    expect(demandsSchema.safeParse(asked[0]).success).toBe(true);
    expect(asked[0]?.demands).toEqual([{ id: 'dec_1', requests: 60, windowSeconds: 60, life: 1, wanted: 3, admitted: 1 }]);
    for (let step = 0; step < 60; step += 1) {
      verdicts(1);
      await pause(20);
    }
    await until(() => asked.at(-1)?.demands[0]?.wanted === 63, 'all');
    const { length } = asked;
    // Their mean: of two in a row the first may have been on its way for long.
    expect(((asked.at(-1)?.at ?? 0) - (asked[0]?.at ?? 0)) / (length - 1)).toBeGreaterThan(800);
    await pause(1_500);
    expect(asked).toHaveLength(length);
  });

  it('is answered with a share that holds until the next answer', async () => {
    answer([share({ requests: 3 })]);
    await open(16, ['dec_1']);
    expect(admitted(5)).toBe(0);
    await until(() => asked.length === 1, 'asked');
    await pause(50);
    const quota = guard.check({ actor: 'mallory' });
    expect(quota).toMatchObject({ verdict: 'allow', quotas: [{ remaining: 2 }] });
    expect(admitted(5)).toBe(2);
  });

  it.each<[string, object, string]>([
    ['not signed as shares', {}, 'plimsoll-feed'],
    ['for another question', { nonce: 'x'.repeat(22) }, 'plimsoll-shares'],
    ['for another instance', { instance: 'other' }, 'plimsoll-shares'],
    ['of another service', { service: 'bank' }, 'plimsoll-shares'],
    ['out of date', { expiresAt: Date.now() - 60_000 }, 'plimsoll-shares'],
    ['no shares', { shares: [{ id: 'dec_1', requests: -1, part: 2 }] }, 'plimsoll-shares'],
  ])('believes no answer that is %s, and goes on alone', async (_, change, typ) => {
    answer([share({ requests: 50 })], change, typ);
    await open(4, ['dec_1']);
    expect(admitted(1)).toBe(0);
    await until(() => guard.stats().faults.forged > 0, 'refused');
    // By its own limit: a burst of six.
    expect(admitted(20)).toBe(6);
  });

  it.each<[string, (response: import('node:http').ServerResponse) => unknown]>([
    ['a failure', (response) => response.writeHead(500).end()],
    ['a redirect', (response) => response.writeHead(307, { location: '/elsewhere' }).end()],
    ['rubbish', (response) => sse(response).end('data: {}\n\ndata: x\n\n')],
    ['far too much', (response) => sse(response).end('x'.repeat(1_000_000))],
    ['an end in the middle', (response) => response.destroy()],
  ])('goes on alone after %s, and asks again later', async (_, fail) => {
    server.onDemand = (asking, response) => {
      asked.push({ ...asking, at: performance.now() });
      fail(response);
    };
    await open(4, ['dec_1']);
    verdicts(1);
    await until(() => Object.values(guard.stats().faults).some((count) => count > 0), 'a fault');
    expect(admitted(20)).toBe(6);
    await until(() => asked.length > 1, 'again');
    answer([share({ requests: 0 })]);
    await until(() => asked.length > 2 && admitted(3) === 0, 'back');
  });

  it('is not told to a server that knows nothing of shares', async () => {
    answer([share()]);
    await open(undefined);
    expect(admitted(20)).toBe(6);
    await pause(100);
    expect(asked).toEqual([]);
  });
});
