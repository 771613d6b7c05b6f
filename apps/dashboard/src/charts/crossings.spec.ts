import { describe, expect, it } from 'vitest';
import { drawnOf, withCrossings } from './crossings.js';

const point = (ts: number, observed: number, limit = 10) => ({ ts, observed, expected: 4, limit });

describe('where observed crosses the limit', () => {
  it('adds the meeting point, on the way up and on the way down', () => {
    const drawn = withCrossings([point(0, 5), point(10, 15), point(20, 0)]);
    expect(drawn.map(({ ts, crossing }) => [ts, crossing])).toEqual([
      [0, false],
      [5, true],
      [10, false],
      [expect.closeTo(13.33, 2), true],
      [20, false],
    ]);
    expect(drawn[1]).toMatchObject({ observed: 10, within: 10, above: 0 });
  });
  it('carries the population along, where both sides have one', () => {
    const others = (ts: number, observed: number, population: number) => ({ ...point(ts, observed), population });
    expect(withCrossings([others(0, 5, 2), others(10, 15, 4)])[1]).toMatchObject({ ts: 5, population: 3 });
    expect(withCrossings([point(0, 5), others(10, 15, 4)])[1]).not.toHaveProperty('population');
  });
  it('splits each point at the limit', () => {
    expect(withCrossings([point(0, 15)])).toEqual([{ ...point(0, 15), within: 10, above: 5, crossing: false }]);
  });
  it('adds nothing where the line is only touched, or moves with what is observed', () => {
    expect(withCrossings([point(0, 5), point(1, 10), point(2, 5)])).toHaveLength(3);
    expect(withCrossings([point(0, 5, 6), point(1, 50, 60)])).toHaveLength(2);
  });
  it('has nothing to draw of nothing', () => expect(withCrossings([])).toEqual([]));
});

describe('a chart', () => {
  it('of one point draws its lines over the window, and observes nothing before it', () => {
    const [before, at] = drawnOf([{ ...point(60_000, 15), population: 3 }], 60_000);
    expect(before).toEqual({ ts: 0, expected: 4, limit: 10, population: 3 });
    expect(at).toMatchObject({ ts: 60_000, observed: 15, above: 5 });
    expect(drawnOf([point(60_000, 15)], 0)[0]).toEqual({ ts: 59_000, expected: 4, limit: 10 });
  });
  it('of several points draws them', () => {
    expect(drawnOf([point(0, 5), point(1, 6)], 60_000)).toEqual(withCrossings([point(0, 5), point(1, 6)]));
    expect(drawnOf([], 60_000)).toEqual([]);
  });
});
