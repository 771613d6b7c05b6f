import { beforeEach, describe, expect, it } from 'vitest';
import { readAs } from '../reader.js';
import { endOf } from './snooze-choices.js';

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
});
