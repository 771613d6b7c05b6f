/**
 * The event time that a shipped log gets. keep: its own. now: shifted so that the files end now. At a speed: played from
 * now on, N seconds of the file in each second, sent when they are due.
 */
export type EventTime =
  | { type: 'keep' }
  | { type: 'shift'; byMs: number }
  | { type: 'play'; fileStart: number; startedAt: number; speed: number };

export interface TimeOptions {
  time: 'keep' | 'now';
  /** With `now`: play at this many times the files' own pace. */
  speed: number | undefined;
}

/** `first` and `last`: event times of all that is to be shipped. */
export function eventTime({ time, speed }: TimeOptions, span: { first: number; last: number }, now: number): EventTime {
  if (time === 'keep') return { type: 'keep' };
  if (speed !== undefined) return { type: 'play', fileStart: span.first, startedAt: now, speed };
  return { type: 'shift', byMs: now - span.last };
}

/** The time of a log whose own time is `ts`. */
export function timeOf(rule: EventTime, ts: number): number {
  if (rule.type === 'keep') return ts;
  return Math.max(0, rule.type === 'shift' ? ts + rule.byMs : Math.round(rule.startedAt + (ts - rule.fileStart) / rule.speed));
}

/** Files that end longer ago than this keep their time as history: they teach and alert, and nothing is enforced. */
const HISTORY_MS = 3_600_000;

export function isHistorical(rule: EventTime, last: number, now: number): boolean {
  return rule.type === 'keep' && last < now - HISTORY_MS;
}
