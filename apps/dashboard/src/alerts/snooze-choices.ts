/** Times that people choose from, and how an end is said. */
import { clockMinute, dayName, timeOfField, tomorrowAt } from '../format.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export const endChoices = ['none', 'hour', 'four-hours', 'morning', 'week'] as const;
export type EndChoice = (typeof endChoices)[number];
/** One of the choices, or a time of one's own as its field holds it. */
export type End = EndChoice | { at: string };

const NINE = 9;
const endNames: Record<Exclude<EndChoice, 'morning'>, string> = {
  none: 'No end',
  hour: 'For an hour',
  'four-hours': 'For four hours',
  week: 'For a week',
};
export const endName = (choice: EndChoice, now: number): string =>
  choice === 'morning' ? `Until tomorrow, ${clockMinute(tomorrowAt(NINE, now))}` : endNames[choice];

/** When it ends, by the reader's own clock and time zone; undefined: not by time. */
export function endOf(end: End, now: number): number | undefined {
  if (typeof end === 'object') return timeOfField(end.at);
  switch (end) {
    case 'none':
      return undefined;
    case 'hour':
      return now + HOUR_MS;
    case 'four-hours':
      return now + 4 * HOUR_MS;
    case 'week':
      return now + 7 * 24 * HOUR_MS;
    case 'morning':
      return tomorrowAt(NINE, now);
  }
}

/** `until Friday 09:00`. */
export const untilText = (until: number): string => `until ${dayName(until)} ${clockMinute(until)}`;
