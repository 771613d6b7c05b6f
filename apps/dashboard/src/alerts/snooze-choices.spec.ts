import { describe, expect, it } from 'vitest';
import { endOf } from './snooze-choices.js';

describe('ends', () => {
  const now = new Date(2026, 0, 31, 3, 12).getTime();
  it('are later than now', () => {
    expect(endOf('hour', now)).toBe(now + 3_600_000);
    expect(endOf('week', now)).toBe(now + 7 * 86_400_000);
    expect(endOf('none', now)).toBeUndefined();
  });
  it('tomorrow is the next day of the calendar, at nine of the reader’s clock, over the end of a month too', () => {
    const end = new Date(endOf('morning', now) ?? 0);
    expect([end.getMonth(), end.getDate(), end.getHours(), end.getMinutes()]).toEqual([1, 1, 9, 0]);
  });
});
