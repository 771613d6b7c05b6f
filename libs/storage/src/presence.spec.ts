import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { randomNamespace } from '../../../test/setup/database.js';
import { markPresent, PRESENCE_MS, readPresent } from './presence.js';
import { openRedis, type Redis } from './redis.js';

const NOW = 1_790_000_000_000;
let redis: Redis;
beforeAll(() => {
  redis = openRedis(inject('redisUrl'), 'presence');
});
afterAll(() => redis.disconnect());

const names = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `actor u${from + index}`);

describe('who is there', () => {
  it('is counted once, whoever tells it how often, and forgotten after two periods', async () => {
    const namespace = randomNamespace();
    const mark = (sources: string[], now = NOW) => markPresent(redis, namespace, 'shop', now, { sources, behind: [] });
    const live = async (now = NOW) => (await readPresent(redis, namespace, 'shop', now, [])).live;
    expect(await live()).toBe(0);
    await mark([]);
    for (const part of [names(0, 400), names(200, 600), names(0, 600)]) await mark(part);
    expect(Math.abs((await live()) - 600)).toBeLessThan(30); // Five standard errors.
    await mark(names(0, 600), NOW + PRESENCE_MS);
    expect(Math.abs((await live(NOW + PRESENCE_MS)) - 600)).toBeLessThan(30);
    expect(await live(NOW + 3 * PRESENCE_MS)).toBe(0);
    expect((await readPresent(redis, namespace, 'other', NOW, [])).live).toBe(0);
    for (const key of await redis.keys(`*${namespace}*`)) expect(await redis.ttl(key)).toBeGreaterThan(0);
  });

  it('behind an address is counted for each', async () => {
    const namespace = randomNamespace();
    const behind = [...names(0, 12).map((name) => ['192.0.2.7', name] as const), ['2001:db8::/64', 'ada'] as const];
    await markPresent(redis, namespace, 'shop', NOW, { sources: [], behind });
    const asked = ['192.0.2.7', '2001:db8::/64', '192.0.2.8'];
    const { behind: found } = await readPresent(redis, namespace, 'shop', NOW, asked);
    expect([...found]).toEqual([
      ['192.0.2.7', 12],
      ['2001:db8::/64', 1],
      ['192.0.2.8', 0],
    ]);
  });
});
