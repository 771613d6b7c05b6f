import { DEFAULT_SETTINGS, type Settings } from '@plimsoll/contracts';
import { describe, expect, it } from 'vitest';
import { judgePrecision, precisionOf, wilson, withDemoted } from './precision.js';

describe('the interval of a share', () => {
  // Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998), table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%d of %d', (successes, trials, low, high) => {
    const interval = wilson(successes, trials);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it('says nothing while nothing was judged', () => {
    expect(precisionOf({ confirmed: 0, falseAlarms: 0 })).toEqual({ share: null, low: 0, high: 1 });
    expect(precisionOf({ confirmed: 3, falseAlarms: 1 }).share).toBe(0.75);
  });
});

describe('a kind', () => {
  const judged = (confirmed: number, falseAlarms: number, demoted = false, accusers = 2, resolvers = 5) =>
    judgePrecision({ confirmed, falseAlarms }, demoted, { accusers, resolvers });

  it('is demoted when it cannot be right in three of ten, and not before', () => {
    expect(judged(0, 8)).toBe('keep');
    expect(judged(0, 9)).toBe('demote');
    expect(judged(1, 13)).toBe('keep');
    expect(judged(1, 14)).toBe('demote');
    expect(judged(40, 60)).toBe('keep');
    expect(judged(0, 0)).toBe('keep');
  });

  it('is not demoted by one person alone, but where there is only one', () => {
    expect(judged(0, 90, false, 1)).toBe('keep');
    expect(judged(0, 9, false, 1, 2)).toBe('keep');
    expect(judged(0, 9, false, 1, 1)).toBe('demote');
    expect(judged(0, 3, true, 1)).toBe('restore');
  });

  it('comes back when half could be right, by better verdicts or by time, and not with the next one', () => {
    expect(judged(1, 12, true)).toBe('keep');
    expect(judged(0, 4, true)).toBe('keep');
    expect(judged(0, 3, true)).toBe('restore');
    expect(judged(8, 14, true)).toBe('restore');
    expect(judged(0, 0, true)).toBe('restore');
  });

  it('that is demoted is at monitor wherever it is on, and nowhere else', () => {
    const settings: Settings = {
      ...DEFAULT_SETTINGS,
      kinds: { drift: 'off' },
      groups: [{ name: 'staff', actors: [], addresses: [], kinds: { rate: 'on', probing: 'on' } }],
      endpoints: [{ endpoint: 'GET /a', kinds: { rate: 'off' } }, { endpoint: 'GET /b' }],
    };
    const held = withDemoted(settings, ['rate', 'drift']);
    expect(held.kinds).toEqual({ rate: 'monitor', drift: 'off' });
    expect(held.groups[0]?.kinds).toEqual({ rate: 'monitor', probing: 'on' });
    expect(held.endpoints.map(({ kinds }) => kinds)).toEqual([{ rate: 'off' }, undefined]);
    expect(settings.kinds).toEqual({ drift: 'off' });
    expect(withDemoted(settings, [])).toBe(settings);
  });
});
