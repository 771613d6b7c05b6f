/** Requests by hour of the week, in the time zone of who looks. */
import { weekHour } from '../format.js';

const DAYS = Array.from({ length: 7 }, (_, day) => day);
export const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export interface WeekCell {
  /** Mean of the hours that were seen; undefined where there was none. */
  mean: number | undefined;
  hours: number;
}

/**
 * @param buckets hours in order; those before the first request were before its time and do not count
 * @returns cells by day (Monday is 0) and hour
 */
export function weekOf(buckets: readonly { ts: number; requests: number }[]): WeekCell[][] {
  const first = buckets.findIndex(({ requests }) => requests > 0);
  const sums = DAYS.map(() => HOURS.map(() => ({ sum: 0, hours: 0 })));
  for (const { ts, requests } of first < 0 ? [] : buckets.slice(first)) {
    const { day, hour } = weekHour(ts);
    const cell = sums[day]?.[hour];
    if (!cell) continue;
    cell.sum += requests;
    cell.hours += 1;
  }
  return sums.map((day) => day.map(({ sum, hours }) => ({ mean: hours > 0 ? sum / hours : undefined, hours })));
}

/** 0 for nothing, 1 to 5 by the share of the busiest hour: steps that eyes can tell apart. */
export const levelOf = (mean: number | undefined, most: number): number =>
  !mean || most <= 0 ? 0 : Math.max(1, Math.min(5, Math.ceil(5 * Math.sqrt(mean / most))));
