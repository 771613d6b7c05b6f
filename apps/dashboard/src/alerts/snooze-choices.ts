/** Times that people choose from, and how an end is said. */
import { clockMinute, dayName, tomorrowAt } from '../format.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export type EndChoice = 'none' | 'hour' | 'four-hours' | 'morning' | 'week';
export const endNames: Record<EndChoice, string> = {
  none: 'No end',
  hour: 'For an hour',
  'four-hours': 'For four hours',
  morning: 'Until tomorrow, 9:00',
  week: 'For a week',
};

/** When it ends, by the reader's own clock and time zone; undefined: not by time. */
export function endOf(choice: EndChoice, now: number): number | undefined {
  switch (choice) {
    case 'none':
      return undefined;
    case 'hour':
      return now + HOUR_MS;
    case 'four-hours':
      return now + 4 * HOUR_MS;
    case 'week':
      return now + 7 * 24 * HOUR_MS;
    case 'morning':
      return tomorrowAt(9, now);
  }
}

/** `until Friday 09:00`. */
export const untilText = (until: number): string => `until ${dayName(until)} ${clockMinute(until)}`;
