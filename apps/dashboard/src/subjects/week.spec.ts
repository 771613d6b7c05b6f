import { beforeEach, describe, expect, it } from 'vitest';
import { readAs } from '../reader.js';
import { levelOf, weekOf } from './week.js';

const HOUR = 3_600_000;
/** A Monday, 00:00 in Berlin. */
const monday = Date.UTC(2026, 10, 22, 23);
beforeEach(() => readAs({ zone: 'Europe/Berlin' }));

describe('the hours of the week', () => {
  it('are means of what was seen, from the first request on', () => {
    const buckets = Array.from({ length: 14 * 24 }, (_, hour) => ({ ts: monday + hour * HOUR, requests: 0 }));
    const put = (hour: number, requests: number) => {
      const bucket = buckets[hour];
      if (bucket) bucket.requests = requests;
    };
    put(9, 4);
    put(7 * 24 + 9, 8);
    put(30, 6);
    const week = weekOf(buckets);
    expect(week[0]?.[9]).toEqual({ mean: 6, hours: 2 });
    expect(week[1]?.[6]).toEqual({ mean: 3, hours: 2 });
    // Before its first request it was not there: one Monday morning, not two.
    expect(week[0]?.[8]).toEqual({ mean: 0, hours: 1 });
    expect(weekOf([])[0]?.[0]).toEqual({ mean: undefined, hours: 0 });
  });

  it('have a level by their share of the busiest', () => {
    expect([undefined, 0, 0.1, 25, 100].map((mean) => levelOf(mean, 100))).toEqual([0, 0, 1, 3, 5]);
    expect(levelOf(3, 0)).toBe(0);
  });
});
