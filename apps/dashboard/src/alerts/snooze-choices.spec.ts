import { beforeEach, describe, expect, it } from 'vitest';
import { readAs } from '../reader.js';
import { endName, endOf } from './snooze-choices.js';

describe('ends', () => {
  /** 03:12 in New York. */
  const now = Date.UTC(2026, 0, 31, 8, 12);
  beforeEach(() => readAs({ zone: 'America/New_York' }));
  it('are later than now', () => {
    expect(endOf('hour', now)).toBe(now + 3_600_000);
    expect(endOf('week', now)).toBe(now + 7 * 86_400_000);
    expect(endOf('none', now)).toBeUndefined();
  });
  it('tomorrow is the next day of the calendar, at nine of the reader’s clock, over the end of a month too', () => {
    expect(endOf('morning', now)).toBe(Date.UTC(2026, 1, 1, 14));
  });
  it('can be any time of the reader’s clock', () => {
    expect(endOf({ at: '2026-02-03T17:30' }, now)).toBe(Date.UTC(2026, 1, 3, 22, 30));
    expect(endOf({ at: '' }, now)).toBeNaN();
  });
  it('are named by the reader’s way to write an hour', () => {
    readAs({ locale: 'de' });
    expect(endName('morning', now)).toBe('Until tomorrow, 09:00');
    readAs({ locale: 'en-US' });
    expect(endName('morning', now)).toMatch(/^Until tomorrow, 9:00\sAM$/);
    expect(endName('week', now)).toBe('For a week');
  });
});
