import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { randomNamespace } from '../../../test/setup/database.js';
import { claimBaselines, loadBaselines, saveBaselines } from './baselines.js';
import { openRedis } from './redis.js';

const redis = openRedis(inject('redisUrl'), 'baselines-spec');
afterAll(() => redis.disconnect());

let namespace: string;
beforeEach(() => {
  namespace = randomNamespace();
});
const bytes = (...values: number[]) => Uint8Array.from(values);
const lease = (generation: number, shard = 0) => ({ shard, generation });
const load = async () => {
  const { seq, entries } = await loadBaselines(redis, namespace, 0);
  return { seq, entries: new Map(entries.map(([key, state]) => [key, [...state]])) };
};

describe('a snapshot', () => {
  it('is empty for a shard that has learnt nothing', async () => {
    expect(await load()).toEqual({ seq: 0, entries: new Map() });
  });

  it('comes back byte for byte, whatever the keys are', async () => {
    const keys = ['a', '__proto__', 'head', 'x\ny', 'é\u{1f600}', '', '{b}'];
    const puts = keys.map((key, i) => [key, bytes(i, 0, 255, 10, 13)] as const);
    const wide = new Uint8Array(300).map((_, i) => i);
    await saveBaselines(redis, namespace, lease(1), 7, { puts: [...puts, ['part', wide.subarray(100, 103)]], deletes: [] });
    const expected = new Map(keys.map((key, i) => [key, [i, 0, 255, 10, 13]]));
    expect(await load()).toEqual({ seq: 7, entries: expected.set('part', [100, 101, 102]) });
  });

  it('replaces, adds and deletes, and moves the sequence number with them', async () => {
    await saveBaselines(redis, namespace, lease(1), 1, {
      puts: [
        ['a', bytes(1)],
        ['b', bytes(1)],
      ],
      deletes: [],
    });
    await saveBaselines(redis, namespace, lease(1), 2, { puts: [['a', bytes(2)]], deletes: ['b', 'never there'] });
    await saveBaselines(redis, namespace, lease(1), 3, { puts: [], deletes: [] });
    expect(await load()).toEqual({ seq: 3, entries: new Map([['a', [2]]]) });
  });

  it('may be of any size', async () => {
    const puts = Array.from({ length: 150_000 }, (_, i) => [`actor-${i}`, bytes(i % 256)] as const);
    const deletes = Array.from({ length: 70_000 }, (_, i) => `gone-${i}`);
    await saveBaselines(redis, namespace, lease(1), 1, { puts: deletes.map((key) => [key, bytes(1)] as const), deletes: [] });
    expect(await saveBaselines(redis, namespace, lease(1), 2, { puts, deletes })).toBe(true);
    const { seq, entries } = await load();
    expect(seq).toBe(2);
    expect(entries.size).toBe(puts.length);
    expect(entries.get('actor-149999')).toEqual([149_999 % 256]);
  });
});

describe('a change of hands', () => {
  it('shuts earlier owners out from the claim on, before the new one has written anything', async () => {
    await saveBaselines(redis, namespace, lease(1), 5, { puts: [['a', bytes(1)]], deletes: [] });
    expect(await claimBaselines(redis, namespace, lease(2))).toBe(true);
    expect(await saveBaselines(redis, namespace, lease(1), 9, { puts: [['a', bytes(9)]], deletes: [] })).toBe(false);
    expect(await load()).toEqual({ seq: 5, entries: new Map([['a', [1]]]) });
    expect(await saveBaselines(redis, namespace, lease(2), 6, { puts: [], deletes: ['a'] })).toBe(true);
    expect(await load()).toEqual({ seq: 6, entries: new Map() });
  });

  it('cannot be undone by who comes late', async () => {
    expect(await claimBaselines(redis, namespace, lease(10))).toBe(true);
    expect(await claimBaselines(redis, namespace, lease(9))).toBe(false);
    expect(await claimBaselines(redis, namespace, lease(10))).toBe(true);
  });

  it('changes nothing of a large snapshot when refused', async () => {
    await claimBaselines(redis, namespace, lease(2));
    const puts = Array.from({ length: 45_000 }, (_, i) => [`k${i}`, bytes(1)] as const);
    expect(await saveBaselines(redis, namespace, lease(1), 1, { puts, deletes: [] })).toBe(false);
    expect(await load()).toEqual({ seq: 0, entries: new Map() });
  });
});
