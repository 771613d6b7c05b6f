import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyone, limitOf, lnTailBeside, posterior, scoreOf } from './baseline.js';
import { lnBeta, lnGamma, lnTail, quantile } from './negative-binomial.js';

/** The tail by its definition: a sum of probabilities. */
function summed(count: number, mean: number, dispersion: number): number {
  const size = 1 / dispersion;
  const share = mean / (mean + size);
  let below = 0;
  for (let k = 0; k < count; k += 1) {
    below += Math.exp(lnGamma(k + size) - lnGamma(size) - lnGamma(k + 1) + size * Math.log(1 - share) + k * Math.log(share));
  }
  return 1 - below;
}

describe('special functions', () => {
  it.each([
    [1, 0],
    [5, Math.log(24)],
    [0.5, Math.log(Math.sqrt(Math.PI))],
    [171, 706.5730622457875],
  ])('lnGamma(%d)', (x, expected) => {
    expect(lnGamma(x)).toBeCloseTo(expected, 9);
  });
  it.each([
    [0.5, 2, 2, 0.5],
    [0.2, 1, 3, 1 - 0.8 ** 3],
    [0.9, 5, 1, 0.9 ** 5],
  ])('I_%d(%d, %d)', (x, a, b, expected) => {
    expect(Math.exp(lnBeta(x, a, b))).toBeCloseTo(expected, 12);
  });
});

describe('negative binomial', () => {
  it('the tail is what summing gives', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0.1, max: 50, noNaN: true }),
        fc.double({ min: 0.1, max: 3, noNaN: true }),
        (count, mean, dispersion) => {
          expect(Math.exp(lnTail(count, mean, dispersion))).toBeCloseTo(summed(count, mean, dispersion), 8);
        },
      ),
    );
  });
  it('falls with the count, however far, and stays finite', () => {
    let previous = 0;
    for (const count of [0, 0.5, 1, 3, 10, 100, 1e3, 1e4, 1e5, 1e6]) {
      const tail = lnTail(count, 4, 0.5);
      expect(Number.isFinite(tail)).toBe(true);
      expect(tail).toBeLessThanOrEqual(previous);
      previous = tail;
    }
  });
  it('the quantile is the last count that is not surprising', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 5e4, noNaN: true }),
        fc.double({ min: 0.15, max: 4, noNaN: true }),
        (mean, dispersion) => {
          const limit = quantile(Math.log(1e-6), mean, dispersion);
          expect(lnTail(limit, mean, dispersion)).toBeGreaterThanOrEqual(Math.log(1e-6));
          expect(lnTail(limit + 1, mean, dispersion)).toBeLessThan(Math.log(1e-6));
        },
      ),
    );
  });
});

describe('the posterior', () => {
  const nothing = { blocks: 0, sum: 0, sumOfSquares: 0 };
  it('with nothing known the limit is the 38 that is written in the constants', () => {
    const newcomer = posterior(everyone(2.3, 0, 0, 0), nothing);
    expect(limitOf(newcomer, 12, 1.5)).toBe(38);
    expect(scoreOf(newcomer, 38, 1.5)).toBeLessThan(0.5);
    expect(scoreOf(newcomer, 39, 1.5)).toBeGreaterThan(0.5);
  });
  it('borrows from everyone, then goes its own way', () => {
    const population = everyone(2.3, 500, 20, 200);
    const means = [0, 8, 80].map((blocks) => posterior(population, { blocks, sum: 4 * blocks, sumOfSquares: 18 * blocks }).mean);
    expect(means[0]).toBeCloseTo(population.mean, 9);
    expect(means[1]).toBeCloseTo((population.mean + 4) / 2, 9);
    expect(means[2]).toBeLessThan(6);
  });
  it('beside another surprise less is asked of a count, never more than of it alone, and nothing but what both lack', () => {
    const run = posterior(everyone(0.5, 200, 0.3, 0.4), nothing);
    const asked = [0, 3, 5, 30].map((count) => lnTailBeside(run, count));
    expect(asked[0]).toBeCloseTo(Math.log(1e-6), 9);
    expect(asked).toEqual(asked.toSorted((a, b) => a - b));
    expect(asked[3]).toBe(0);
    const [beside = 0] = asked.slice(2);
    const product = Math.exp(beside + lnTail(5, run.mean, run.dispersion));
    expect(product * (1 - Math.log(product))).toBeCloseTo(1e-6, 8);
    expect(limitOf(run, 0, 1.5, beside)).toBeLessThan(limitOf(run, 0, 1.5));
  });
  it('the score is in 0..1, rises with the count and falls with tolerance', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 1e4, noNaN: true }), fc.nat(1e6), fc.nat(1e6), (mean, a, b) => {
        const expectation = posterior(everyone(mean, 0, 0, 0), nothing);
        const [less, more] = a < b ? [a, b] : [b, a];
        const scores = [scoreOf(expectation, less, 1.5), scoreOf(expectation, more, 1.5)] as const;
        expect(scores[0]).toBeGreaterThanOrEqual(0);
        expect(scores[1]).toBeLessThanOrEqual(1);
        expect(scores[1]).toBeGreaterThanOrEqual(scores[0]);
        expect(scoreOf(expectation, more, 5)).toBeLessThanOrEqual(scores[1] + 1e-12);
      }),
    );
  });
});
