/** The count of subjects that a person hits, against a real Redis. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { randomNamespace } from '../../../test/setup/database.js';
import { HIT_MS, hitSubjects } from './hit-subjects.js';
import { openRedis } from './redis.js';

const namespace = randomNamespace();
let redis: ReturnType<typeof openRedis>;
beforeAll(() => {
  redis = openRedis(inject('redisUrl'), 'hits');
});
afterAll(() => redis.disconnect());

const NOW = 1_790_000_000_000;
const subjects = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({ service: 'shop', type: 'actor', id: `user-${from + i}` }));
const hit = (who: string, count: number, from = 0, now = NOW) => hitSubjects(redis, namespace, who, subjects(count, from), now);

describe('hit subjects', () => {
  it('are counted once each, of each person for itself, and of each service', async () => {
    expect([await hit('ada', 3), await hit('ada', 3), await hit('ada', 2, 2), await hit('bob', 1)]).toEqual([3, 3, 4, 1]);
    expect(await hitSubjects(redis, namespace, 'ada', [{ service: 'bank', type: 'actor', id: 'user-0' }], NOW)).toBe(5);
    expect(await hit('ada', 0)).toBe(5);
  });

  it('are forgotten ten minutes after they were hit last', async () => {
    await hit('eve', 5);
    await hit('eve', 1, 0, NOW + HIT_MS - 1);
    expect(await hit('eve', 0, 0, NOW + HIT_MS - 1)).toBe(5);
    expect(await hit('eve', 0, 0, NOW + HIT_MS)).toBe(1);
  });

  it('are all seen by whichever of many calls at once comes last, and by none twice', async () => {
    const counts = await Promise.all(Array.from({ length: 50 }, (_, i) => hit('zoe', 1, i)));
    expect([...counts].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });

  it('are at most a thousand a person, and go by themselves', async () => {
    expect(await hit('max', 5_000)).toBe(1_000);
    expect(await hit('max', 10, 9_000, NOW + 1)).toBe(1_000);
    const [key] = await redis.keys(`${namespace}:hits:*`);
    expect(await redis.pttl(key ?? '')).toBeGreaterThan(0);
  });
});
