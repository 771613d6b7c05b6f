import type { VerdictReport } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { MAX_TOLERANCES } from './constants.js';
import { budgetStretch, Tolerances } from './tolerances.js';

const report = (fields: Partial<VerdictReport>): VerdictReport => ({
  alertId: 'al_1',
  service: 'shop',
  kind: 'probing',
  subject: { type: 'address', id: '192.0.2.1' },
  endpoint: null,
  verdict: 'false-positive',
  openedAt: 0,
  judgedAt: 1,
  historical: false,
  ...fields,
});

describe('a tolerance', () => {
  it('widens with each false positive, within bounds, and goes with a confirmed attack', () => {
    const tolerances = new Tolerances();
    const heard = [1, 2, 3, 4, 5, 6].map(() => {
      tolerances.heed('a', report({}));
      return tolerances.of('shop', 'a');
    });
    expect(heard).toEqual([1.5, 2.25, 3.375, 5.0625, 7.59375, 8]);
    expect(tolerances.of('shop', 'b')).toBe(1);
    tolerances.heed('a', report({ verdict: 'true-positive' }));
    expect(tolerances.of('shop', 'a')).toBe(1);
  });

  it('covers at once what was seen, and a quarter more', () => {
    const tolerances = new Tolerances();
    tolerances.heed('a', report({ reach: 4 }));
    expect(tolerances.of('shop', 'a')).toBe(5);
    tolerances.heed('a', report({ reach: 1000 }));
    expect(tolerances.of('shop', 'a')).toBe(8);
    for (const reach of [Number.NaN, Number.POSITIVE_INFINITY, -3, 0]) {
      const fresh = new Tolerances();
      fresh.heed('a', report({ reach }));
      expect(fresh.of('shop', 'a')).toBe(1.5);
    }
  });

  it('counts from what was tolerated when the alert opened, the service’s stretch too', () => {
    const tolerances = new Tolerances();
    tolerances.stretch('shop', 2);
    tolerances.heed('a', report({ reach: 2 }));
    tolerances.stretch('shop', 1);
    expect(tolerances.of('shop', 'a')).toBe(5);
  });

  it('follows an expected change where nothing learns it, and leaves the others to their detectors', () => {
    const tolerances = new Tolerances();
    const verdict = 'expected-change';
    tolerances.heed('a', report({ verdict, reach: 20 }));
    tolerances.heed('b', report({ verdict, kind: 'rate', reach: 20 }));
    tolerances.heed('c', report({ verdict, reach: 1e9 }));
    expect(['a', 'b', 'c'].map((key) => tolerances.of('shop', key))).toEqual([25, 1, 100]);
  });

  it('is forgotten when many others came after it, and counted', () => {
    const tolerances = new Tolerances();
    for (let n = 0; n <= MAX_TOLERANCES; n += 1) tolerances.heed(`${n}`, report({}));
    expect([tolerances.of('shop', '0'), tolerances.of('shop', '1'), tolerances.evicted]).toEqual([1, 1.5, 1]);
  });

  it('is stored when it changes and taken over again', () => {
    const tolerances = new Tolerances();
    tolerances.heed('a', report({ reach: 3 }));
    tolerances.heed('b', report({}));
    const stored = new Map<string, unknown>();
    const take = () =>
      tolerances.takeChanges(
        (key, state) => stored.set(key, state),
        (key) => stored.delete(key),
      );
    take();
    tolerances.heed('b', report({ verdict: 'true-positive' }));
    take();
    const again = new Tolerances();
    for (const [key, state] of stored) again.load(key, state);
    for (const state of [null, 'x', -1, Number.NaN, {}]) again.load('c', state);
    expect(['a', 'b', 'c'].map((key) => again.of('shop', key))).toEqual([3.75, 1, 1]);
  });
});

describe('the stretch of a budget', () => {
  it.each([
    [0, 100, 1],
    [100, 100, 1],
    [150, 100, 1.5],
    [100_000, 100, 3],
    [50, 0, 1],
  ])('of %d opened and a budget of %d is %d', (opened, budget, stretch) => expect(budgetStretch(opened, budget)).toBe(stretch));

  it('is the service’s own, and bounded', () => {
    const tolerances = new Tolerances();
    tolerances.stretch('shop', 50);
    expect([tolerances.of('shop', 'a'), tolerances.of('bank', 'a')]).toEqual([3, 1]);
    tolerances.stretch('shop', 0.5);
    expect(tolerances.of('shop', 'a')).toBe(1);
  });
});
