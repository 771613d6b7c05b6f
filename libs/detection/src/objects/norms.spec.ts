import { describe, expect, it } from 'vitest';
import { MAX_MEASURES } from './constants.js';
import { Commons } from './norms.js';

const told = (...names: [name: string, mean: number][]) => ({
  service: 'shop',
  endpoint: 'GET /a',
  statistics: [],
  measures: names.map(([measure, mean]) => ({ measure, blocks: 1, mean, variance: 0 })),
  measuredSince: 7,
});

describe("an endpoint's norms", () => {
  it('follow what is told last, in whatever order, and keep what is not told any more', () => {
    const commons = new Commons();
    const known = commons.of('shop', 'GET /a');
    const take = (...names: [string, number][]) => commons.take(told(...names)).map(({ measure }) => measure);
    const means = () => ['a', 'b', 'c'].map((name) => known.of(name)?.mean);
    expect(take(['a', 1], ['b', 2])).toEqual(['a', 'b']);
    expect([take(['a', 3], ['b', 4]), means()]).toEqual([[], [3, 4, undefined]]);
    expect([take(['a', 3], ['b', 4], ['c', 5]), means()]).toEqual([['c'], [3, 4, 5]]);
    expect([take(['c', 6], ['a', 7], ['b', 8]), means()]).toEqual([[], [7, 8, 6]]);
    expect([take(['b', 9]), means()]).toEqual([[], [7, 9, 6]]);
    expect([take(['a', 1], ['c', 2]), means()]).toEqual([[], [1, 9, 2]]);
    expect([known.since, known.version]).toEqual([7, 6]);
    expect(commons.of('other', 'GET /a').of('a')).toBeUndefined();
  });

  it('are bounded: what comes when there is no room is left out, and what is known is followed', () => {
    const commons = new Commons();
    const many = Array.from({ length: MAX_MEASURES + 5 }, (_, n): [string, number] => [`m${n}`, n]);
    expect(commons.take(told(...many))).toHaveLength(MAX_MEASURES);
    const known = commons.of('shop', 'GET /a');
    expect([known.of('m0')?.mean, known.of(`m${MAX_MEASURES}`)]).toEqual([0, undefined]);
    expect(commons.take(told(['late', 1], ['m3', 99]))).toEqual([]);
    expect([known.of('m3')?.mean, known.of('m4')?.mean, known.of('late')]).toEqual([99, 4, undefined]);
  });
});
