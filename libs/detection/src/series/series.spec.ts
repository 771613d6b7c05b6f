import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeriesDetector, type SeriesJudgement } from './series.js';
import { SERIES } from './series-constants.js';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 5);

/** A fixed sequence of numbers in 0..1 (Park and Miller 1988). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
const noise = (random: () => number) => random() + random() + random() + random() - 2;

function judgeAll(values: readonly number[], stepMs = MINUTE, detector = new SeriesDetector()): SeriesJudgement[] {
  return values.map((value, index) => detector.judge(START + index * stepMs, value));
}
const onsets = (judged: readonly SeriesJudgement[]) => judged.flatMap(({ onset }, index) => (onset ? [index] : []));

/** Requests a minute of an endpoint with a daily rhythm. */
function daily(minutes: number, seed = 1): number[] {
  const random = randomFrom(seed);
  return Array.from({ length: minutes }, (_, minute) => {
    const level = 300 - 200 * Math.cos((2 * Math.PI * minute) / 1440);
    return Math.max(0, Math.round(level + Math.sqrt(level) * 2 * noise(random)));
  });
}

describe('SeriesDetector', () => {
  it('finds the first minute of a flood, whatever the unit', () => {
    for (const unit of [1e-6, 1, 1e6]) {
      const values = daily(5 * 1440).map((value) => value * unit);
      for (let minute = 6500; minute < 6530; minute += 1) values[minute] = (values[minute] ?? 0) * 6;
      const found = onsets(judgeAll(values)).filter((index) => index >= 6500);
      expect(found[0]).toBe(6500);
      expect(found.length).toBeLessThanOrEqual(2);
    }
  });

  it('finds a night in the middle of the day, which is inside the range of all values seen', () => {
    const values = daily(7 * 1440);
    for (let minute = 9300; minute < 9420; minute += 1) values[minute] = 100;
    expect(onsets(judgeAll(values)).some((index) => index >= 9300 && index < 9420)).toBe(true);
  });

  it('finds a lasting shift and a series that falls silent', () => {
    const random = randomFrom(3);
    const steady = Array.from({ length: 4000 }, () => 100 + 5 * noise(random));
    const shifted = steady.map((value, index) => (index >= 3000 ? value + 25 : value));
    const silent = steady.map((value, index) => (index >= 3000 ? 0 : value));
    for (const values of [shifted, silent]) {
      const found = onsets(judgeAll(values)).find((index) => index >= 3000);
      expect(found).toBeLessThan(3010);
    }
  });

  it('says little about ordinary days', () => {
    const counts = [1, 2, 3, 4, 5].map((seed) => onsets(judgeAll(daily(7 * 1440, seed))).filter((at) => at > 1440).length);
    // Six days of five endpoints: less than one onset in ten days.
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThan(3);
  });

  it('announces a trouble once, but a greater one at once', () => {
    const values = daily(4 * 1440);
    for (let minute = 5000; minute < 5020; minute += 1) values[minute] = 1200;
    const single = onsets(judgeAll(values)).filter((index) => index >= 5000 && index < 5020);
    expect(single).toHaveLength(1);
    const judged = judgeAll(values).slice(5001, 5003);
    expect(judged.every(({ score, surprise }) => score < 0.5 && surprise >= SERIES.line)).toBe(true);
  });

  it('is silent on flat lines, and takes any change of one as news', () => {
    expect(judgeAll(new Array(3000).fill(0.1)).every(({ score }) => score === 0)).toBe(true);
    const changed = [...new Array(3000).fill(0.1), 0.1001];
    expect(judgeAll(changed).at(-1)?.onset).toBe(true);
  });

  it('takes a rhythm that fits no day for what it is', () => {
    const square = Array.from({ length: 5000 }, (_, index) => (index % 50 < 25 ? 20 : 80));
    expect(onsets(judgeAll(square)).filter((index) => index > 500)).toEqual([]);
  });

  it('does not look ahead: a point is judged alike, whatever comes after it', () => {
    const values = daily(2000);
    const other = [...values.slice(0, 1200), ...new Array(800).fill(1e6)];
    expect(judgeAll(other).slice(0, 1200)).toEqual(judgeAll(values).slice(0, 1200));
  });

  it('goes on from a copy of its state at any point', () => {
    const values = daily(1500);
    const whole = judgeAll(values);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1499 }), (cut) => {
        const before = new SeriesDetector();
        judgeAll(values.slice(0, cut), MINUTE, before);
        const after = new SeriesDetector(before.state.slice());
        const judged = values.slice(cut).map((value, index) => after.judge(START + (cut + index) * MINUTE, value));
        expect(judged).toEqual(whole.slice(cut));
      }),
      { numRuns: 20 },
    );
    expect(() => new SeriesDetector(new Float64Array(3))).toThrow(RangeError);
  });

  it('gives finite scores in 0..1 for anything, and is not blinded by it', () => {
    const anything = fc.array(fc.tuple(fc.double(), fc.double()), { maxLength: 300 });
    fc.assert(
      fc.property(anything, (points) => {
        const detector = new SeriesDetector();
        for (const [ts, value] of points) {
          const { score, surprise } = detector.judge(ts, value);
          expect(score >= 0 && score <= 1 && Number.isFinite(surprise)).toBe(true);
        }
        expect(detector.state.every(Number.isFinite)).toBe(true);
      }),
    );
  });

  it('is as surprised by a greater spike, or more', () => {
    const values = daily(3000);
    const surprises = [400, 800, 1600, 3200].map((spike) => judgeAll([...values, spike]).at(-1)?.surprise ?? 0);
    expect(surprises).toEqual([...surprises].sort((a, b) => a - b));
    expect(surprises[3]).toBeGreaterThan(surprises[0] ?? 0);
  });
});
