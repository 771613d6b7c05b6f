import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { randomNamespace } from '../../../test/setup/database.js';
import { Fleet, type FleetPlan, seeded } from '../../../test/setup/fleet.js';
import { openRedis, type Redis } from './redis.js';
import { MAX_SHARED_THROTTLES, MAX_SHARING_INSTANCES, readCrowd, sharedBurst, shareOut, subscribeShares } from './shares.js';

const T = 1_800_000_000_000;
let redis: Redis;
beforeAll(() => {
  redis = openRedis(inject('redisUrl'), 'test-shares');
});
afterAll(() => redis.disconnect());

/** Sixty a minute: a burst of five. */
const demand = (change: object = {}) => ({
  id: 'dec_1',
  requests: 60,
  windowSeconds: 60,
  life: 1,
  wanted: 0,
  admitted: 0,
  ...change,
});
const asking = (namespace: string, second: number, instance: string, ...demands: ReturnType<typeof demand>[]) =>
  shareOut(redis, namespace, { service: 'shop', instance, demands, everyMs: 1_000, now: T + second * 1000 });
const busyAt = async (namespace: string, second: number) =>
  (await readCrowd(redis, namespace, 'shop', T + second * 1000, 10)).busy;

describe('what is handed out', () => {
  it('is no more than the bucket holds, whoever asks, and comes back where it was not used', async () => {
    const namespace = randomNamespace();
    const first = await asking(namespace, 0, 'a', demand({ wanted: 20 }));
    expect(first.shares).toEqual([{ id: 'dec_1', requests: 5, part: 1, busy: true }]);
    expect((await asking(namespace, 0, 'b', demand({ wanted: 20 }))).shares[0]).toMatchObject({ requests: 0 });
    // Three of five were not used.
    await asking(namespace, 0.1, 'a', demand({ wanted: 20, admitted: 2 }));
    expect((await asking(namespace, 0.1, 'b', demand({ wanted: 40 }))).shares[0]).toMatchObject({ requests: 1, busy: false });
  });

  it('counts a repeated word once, and begins anew with a new life', async () => {
    const namespace = randomNamespace();
    await asking(namespace, 0, 'a', demand({ wanted: 2, admitted: 2 }));
    const again = await asking(namespace, 0, 'a', demand({ wanted: 2, admitted: 2 }));
    expect(again.shares[0]).toMatchObject({ requests: 0, busy: false });
    await asking(namespace, 0, 'a', demand({ life: 2, wanted: 2, admitted: 2 }));
    const rest = await asking(namespace, 0, 'b', demand({ wanted: 9 }));
    expect(rest.shares[0]?.requests).toBeLessThanOrEqual(1);
  });

  it('lets a debt wait for a window at most', async () => {
    const namespace = randomNamespace();
    await asking(namespace, 0, 'a', demand({ wanted: 10_000, admitted: 10_000 }));
    expect((await asking(namespace, 59, 'b', demand({ wanted: 1 }))).shares[0]).toMatchObject({ requests: 0, busy: true });
    expect((await asking(namespace, 63, 'b', demand({ wanted: 2 }))).shares[0]).toMatchObject({ requests: 2 });
  });

  it('follows a clock that steps back by standing still', async () => {
    const namespace = randomNamespace();
    await asking(namespace, 100, 'a', demand({ wanted: 20 }));
    expect((await asking(namespace, 0, 'b', demand({ wanted: 20 }))).shares[0]?.requests).toBe(0);
    expect((await asking(namespace, 102, 'b', demand({ wanted: 40 }))).shares[0]?.requests).toBeGreaterThan(0);
  });

  it('is told of as busy, to all processes, until there is room again', async () => {
    const namespace = randomNamespace();
    const subscriber = openRedis(inject('redisUrl'), 'test-shares-heard');
    const heard: string[] = [];
    await subscribeShares(subscriber, namespace, (service) => heard.push(service));
    expect((await asking(namespace, 0, 'a', demand({ wanted: 20 }))).changed).toBe(true);
    expect(await busyAt(namespace, 1)).toEqual(['dec_1']);
    expect(await busyAt(namespace, 2)).toEqual([]);
    await expect.poll(() => heard).toEqual(['shop']);
    subscriber.disconnect();
  });

  it('has bounds: what has no room is left to its instances, counted, and what is silent is forgotten', async () => {
    const namespace = randomNamespace();
    for (let from = 0; from < MAX_SHARED_THROTTLES; from += 100) {
      await asking(
        namespace,
        0,
        'a',
        ...Array.from({ length: 100 }, (_, index) => demand({ id: `dec_${from + index}`, wanted: 1 })),
      );
    }
    expect(await asking(namespace, 1, 'a', demand({ id: 'one-more', wanted: 1 }))).toEqual({
      shares: [],
      dropped: 1,
      changed: false,
    });
    expect((await asking(namespace, 130, 'a', demand({ id: 'one-more', wanted: 1 }))).dropped).toBe(0);
  });

  it('has room for the instances that live, however many were replaced', async () => {
    const namespace = randomNamespace();
    for (let from = 0; from < MAX_SHARING_INSTANCES; from += 500) {
      const instances = Array.from({ length: 500 }, (_, index) => `gone-${from + index}`);
      await Promise.all(instances.map((instance) => asking(namespace, 0, instance, demand({ wanted: 1 }))));
    }
    expect((await asking(namespace, 1, 'newcomer', demand({ wanted: 1 }))).dropped).toBe(1);
    await asking(namespace, 60, 'gone-7', demand({ wanted: 2 }));
    expect((await asking(namespace, 130, 'newcomer', demand({ wanted: 1 }))).dropped).toBe(0);
    expect((await asking(namespace, 131, 'gone-7', demand({ wanted: 3 }))).dropped).toBe(0);
  });
});

describe('all instances together', () => {
  const skews: Record<string, (instances: number, second: number) => number[]> = {
    evenly: (instances) => Array(instances).fill(1),
    'by rank': (instances) => Array.from({ length: instances }, (_, index) => 1 / (index + 1)),
    'by rank, which turns every 10 s': (instances, second) =>
      Array.from({ length: instances }, (_, index) => 1 / (((index + 5 * Math.floor(second / 10)) % instances) + 1)),
    'one at a time, another every second': (instances, second) =>
      Array.from({ length: instances }, (_, index) => (Math.floor(second) % instances === index ? 1 : 0)),
    'one at a time, ten a second': (instances, second) =>
      Array.from({ length: instances }, (_, index) => (Math.floor(second * 10) % instances === index ? 1 : 0)),
    'one, and all of them for a second in twenty': (instances, second) =>
      Array.from({ length: instances }, (_, index) => (index === 0 || second % 20 < 1 ? 1 : 0)),
  };
  const plan = (change: Partial<FleetPlan> & { instances: number; times: number; skew: string; seed: number }): FleetPlan => {
    const { times, skew, seed, ...rest } = change;
    const rate = change.rate ?? { requests: 60, windowSeconds: 60 };
    const demanded = (times * rate.requests) / rate.windowSeconds;
    const weights = (second: number) => skews[skew]?.(change.instances, second) ?? [];
    return { rate, seconds: 100, demand: () => demanded, weights, latencyMs: 20, random: seeded(seed), ...rest };
  };
  const anyPlan = fc.record({
    instances: fc.constantFrom(1, 4, 16),
    rate: fc.constantFrom(60, 100, 600, 6_000).map((requests) => ({ requests, windowSeconds: 60 })),
    times: fc.constantFrom(2, 3, 10),
    skew: fc.constantFrom(...Object.keys(skews)),
    latencyMs: fc.constantFrom(2, 20, 100),
    seed: fc.nat(),
  });

  it('admit the limit within a tenth over any 60 s, 5 s after they began, however they are balanced', async () => {
    const check = async (chosen: Parameters<typeof plan>[0]) => {
      const { requests } = chosen.rate ?? { requests: 60 };
      const fleet = await new Fleet(redis, randomNamespace(), plan(chosen)).run();
      const { most, below } = fleet.extremes(60_000, 5_000);
      expect(most).toBeLessThanOrEqual(1.1 * requests);
      // Where chance lets fewer requests come than the limit, they are held against one bucket without any delay.
      expect(below).toBeLessThanOrEqual(0.1 * requests);
    };
    await fc.assert(fc.asyncProperty(anyPlan, check), { numRuns: 25, endOnFailure: true });
    for (const instances of [1, 4, 16])
      for (const skew of Object.keys(skews)) await check({ instances, skew, times: 4, seed: 7 });
  }, 120_000);

  it('admit at most the burst of five more where the limit is below 60 a minute, and one each after a silence', async () => {
    const silent = (second: number) => (second % 30 < 1 ? 200 : 0);
    for (const requests of [1, 6, 20, 59]) {
      for (const instances of [1, 4, 16]) {
        const rate = { requests, windowSeconds: 60 };
        for (const skew of Object.keys(skews)) {
          const fleet = await new Fleet(redis, randomNamespace(), plan({ instances, rate, skew, times: 10, seed: 3 })).run();
          expect(fleet.extremes(60_000, 5_000).most).toBeLessThanOrEqual(requests + 5);
        }
        const chosen = plan({ instances, rate, skew: 'evenly', times: 1, seed: 3 });
        const after = await new Fleet(redis, randomNamespace(), { ...chosen, demand: silent }).run();
        expect(after.extremes(60_000, 0).most).toBeLessThanOrEqual(requests + sharedBurst(rate) + instances);
      }
    }
  }, 120_000);

  it('hold on to their last shares where the server is away, for a minute, and then keep the limit each by itself', async () => {
    const chosen = plan({ instances: 4, skew: 'by rank', times: 10, seed: 5, rate: { requests: 600, windowSeconds: 60 } });
    const fleet = await new Fleet(redis, randomNamespace(), { ...chosen, seconds: 200, away: [20, 190] }).run();
    const between = (from: number, to: number) => fleet.admitted.filter((at) => at >= from * 1000 && at < to * 1000).length;
    expect(between(25, 75) / 500).toBeGreaterThan(0.9);
    expect(between(25, 75) / 500).toBeLessThan(1.1);
    expect(between(100, 150) / 500).toBeGreaterThan(2);
    expect(between(100, 150) / 500).toBeLessThanOrEqual(4.4);
  });
});
