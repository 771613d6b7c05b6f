import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateLimit } from './rate-limit.js';

const T0 = 1_790_000_000_000;

describe('the rate limit', () => {
  it('lets the burst pass and asks for the time that pays the debt', () => {
    const rate = new RateLimit({ perSecond: 10, burst: 20 });
    expect(rate.waitMs('a', T0)).toBe(0);
    rate.charge('a', 20, T0);
    expect(rate.waitMs('a', T0)).toBe(0);
    rate.charge('a', 10, T0);
    expect(rate.waitMs('a', T0)).toBe(1_000);
    expect(rate.waitMs('a', T0 + 999)).toBe(1);
    expect(rate.waitMs('a', T0 + 1_000)).toBe(0);
    expect(rate.waitMs('b', T0)).toBe(0);
  });

  it('saves up no more than the burst, however long a silence was', () => {
    const rate = new RateLimit({ perSecond: 10, burst: 20 });
    rate.charge('a', 1, T0);
    const later = T0 + 3_600_000;
    let admitted = 0;
    for (; admitted < 100 && rate.waitMs('a', later) === 0; admitted += 1) rate.charge('a', 1, later);
    expect(admitted).toBe(21);
  });

  it('admits at most rate x time + burst + one batch, whatever the order of arrivals', () => {
    const arrival = fc.record({ gapMs: fc.nat(400), cost: fc.integer({ min: 1, max: 30 }) });
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 200 }), (arrivals) => {
        const rate = new RateLimit({ perSecond: 50, burst: 100 });
        let now = T0;
        let admitted = 0;
        for (const { gapMs, cost } of arrivals) {
          now += gapMs;
          if (rate.waitMs('a', now) > 0) continue;
          rate.charge('a', cost, now);
          admitted += cost;
        }
        expect(admitted).toBeLessThanOrEqual((50 * (now - T0)) / 1000 + 100 + 30);
      }),
      { numRuns: 200 },
    );
  });

  it('remembers a bounded number of subjects: those without debt go first, then the longest known', () => {
    let dropped = 0;
    const onDrop = () => {
      dropped += 1;
    };
    const rate = new RateLimit({ perSecond: 1, burst: 0, maxSubjects: 2, onDrop });
    rate.charge('paid', 1, T0);
    rate.charge('old', 100, T0);
    rate.charge('new', 100, T0 + 2_000);
    expect([dropped, rate.waitMs('old', T0 + 2_000) > 0]).toEqual([0, true]);
    rate.charge('newest', 100, T0 + 2_000);
    expect([dropped, rate.waitMs('old', T0 + 2_000)]).toEqual([1, 0]);
    expect(rate.waitMs('new', T0 + 2_000)).toBeGreaterThan(0);
  });
});
