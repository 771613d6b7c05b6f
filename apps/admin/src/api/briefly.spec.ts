import { expect, it } from 'vitest';
import { Briefly } from './briefly.js';

const T = 1_790_000_000_000;
let readings = 0;
const read = async () => {
  readings += 1;
  return readings;
};

it('reads once for all who ask within the time, and anew after it', async () => {
  readings = 0;
  const held = new Briefly<number>(4_000);
  expect(await Promise.all([held.of('a', T, read), held.of('a', T, read), held.of('a', T + 3_999, read)])).toEqual([1, 1, 1]);
  expect(await held.of('a', T + 4_000, read)).toBe(2);
});

it('tells nobody what was read for who sees something else', async () => {
  readings = 0;
  const held = new Briefly<number>(4_000);
  expect([await held.of('a', T, read), await held.of('a b', T, read), await held.of('a', T, read)]).toEqual([1, 2, 1]);
});

it('holds no failure', async () => {
  readings = 0;
  const held = new Briefly<number>(4_000);
  await expect(held.of('a', T, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await held.of('a', T, read)).toBe(1);
});

it('forgets the first beyond its cap', async () => {
  readings = 0;
  const held = new Briefly<number>(4_000, 2);
  for (const key of ['a', 'b', 'c']) await held.of(key, T, read);
  expect([await held.of('c', T, read), await held.of('b', T, read), await held.of('a', T, read)]).toEqual([3, 2, 4]);
});
