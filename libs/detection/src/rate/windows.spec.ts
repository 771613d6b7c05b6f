/** Sliding counts: what comes late counts where it belongs. */
import { describe, expect, it } from 'vitest';
import { Pairs } from './pairs.js';
import { Windows } from './windows.js';

const SECOND = 1_767_600_000;
const HOUR_WINDOW = 2;

/** Counts of the ten seconds, the minute and the hour, after logs of these seconds. */
function countsAfter(seconds: readonly number[], at: number): number[] {
  const pairs = new Pairs();
  const slot = pairs.add(0, 0);
  const windows = new Windows(pairs);
  for (const second of seconds) windows.count(slot, SECOND + second, 'none', HOUR_WINDOW);
  return [0, 1, 2].map((window) => windows.countAt(slot, window, SECOND + at));
}

describe('a log that comes late', () => {
  it('counts in its own bucket, as if it had come in time', () => {
    const inTime = [1, 5, 8, 9, 11];
    const late = [1, 5, 11, 8, 9];
    for (const at of [11, 12, 15, 19, 25, 65]) expect(countsAfter(late, at)).toEqual(countsAfter(inTime, at));
    expect(countsAfter(late, 11)).toEqual([4, 5, 5]);
  });

  it('counts nowhere once no window covers it', () => {
    expect(countsAfter([30, 1], 30)).toEqual([1, 2, 2]);
    expect(countsAfter([3_700, 3_699, 200], 3_700)).toEqual([2, 2, 2]);
  });

  it('is judged with what it adds, and with no more', () => {
    const pairs = new Pairs();
    const slot = pairs.add(0, 0);
    const windows = new Windows(pairs);
    for (const second of [2, 3, 10]) windows.count(slot, SECOND + second, 'none', HOUR_WINDOW);
    expect(windows.countWith(slot, 0, SECOND + 9)).toBe(windows.countAt(slot, 0, SECOND + 10) + 1);
    expect(windows.countWith(slot, 1, SECOND - 600)).toBe(windows.countAt(slot, 1, SECOND + 10));
  });
});
