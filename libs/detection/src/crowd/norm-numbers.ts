/**
 * Where each number of a norm (norm.ts) lies in its stored state. What reads them hands places about, not names: to look a name up each
 * time would cost more than all else of a minute. The order is part of what is stored: new ones come last, with another version of it.
 */
const NAMES = [
  'born',
  'learnt',
  'hour',
  'hourTwo',
  'hourSixteen',
  'hourTimed',
  'hourLn',
  'requests',
  'failures',
  'record',
  'timed',
  'ln',
  'within',
  'withinOf',
  'between',
  'betweenOf',
  'steps',
  'stepsOf',
  'before',
  'volume',
  'floodSince',
  'floodUntil',
  'healthSince',
  'healthUntil',
] as const;
export const NORM_NUMBERS = NAMES.length;

export const AT = Object.fromEntries(NAMES.map((name, index) => [name, index])) as Record<(typeof NAMES)[number], number>;

/** What is forgotten with the hours. */
export const FADING = [
  AT.requests,
  AT.failures,
  AT.record,
  AT.timed,
  AT.ln,
  AT.within,
  AT.withinOf,
  AT.between,
  AT.betweenOf,
] as const;
/** By kind of trouble. */
export const SINCE: readonly (readonly [since: number, until: number])[] = [
  [AT.floodSince, AT.floodUntil],
  [AT.healthSince, AT.healthUntil],
];
/** Of the hour that is not over. */
export const OF_HOUR = [AT.hourTwo, AT.hourSixteen, AT.hourTimed, AT.hourLn] as const;
