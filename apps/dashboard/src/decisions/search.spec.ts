import { describe, expect, it } from 'vitest';
import { decisionOf } from '../samples.fixture.js';
import { filtersOf, goesOn, readDecisionSearch, stays } from './search.js';

const NOW = 1_790_000_000_000;
const decision = (part: object = {}) => decisionOf({ until: NOW + 2 * 3_600_000, liftedAt: null, ...part });

describe('which decisions are shown', () => {
  it('is asked of the server, with who made them and where', () => {
    expect(filtersOf({})).toEqual({ active: true });
    expect(filtersOf({ show: 'ended', by: 'person', service: 'shop' })).toEqual({
      active: false,
      mode: 'enforced',
      origin: 'person',
      service: 'shop',
    });
    expect(readDecisionSearch({ show: 'nonsense', by: 'me' })).toEqual({});
  });

  it('asks for what ends soon by its end, and for more until one ends later', () => {
    expect(filtersOf({ show: 'ending' })).toEqual({ active: true, order: 'ending' });
    const soon = decision({ until: NOW + 60_000 });
    expect([goesOn('ending', soon, NOW), goesOn('ending', decision(), NOW), goesOn('active', decision(), NOW)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('follows the clock', () => {
    const soon = { until: NOW + 60_000 };
    expect([stays('active', decision(), NOW), stays('ending', decision(), NOW)]).toEqual([true, false]);
    expect(stays('ending', decision(soon), NOW)).toBe(true);
    expect(stays('active', decision({ until: NOW - 1_000 }), NOW)).toBe(true);
    expect(stays('active', decision({ until: NOW - 3_000 }), NOW)).toBe(false);
    expect([stays('ended', decision(), NOW), stays('ended', decision({ liftedAt: NOW }), NOW)]).toEqual([false, true]);
    expect(stays('all', decision({ until: 0 }), NOW)).toBe(true);
  });
});
