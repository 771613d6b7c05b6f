/** A first pass over a file for what must be known before its first log is used: its span, and how full each hour is. */
import { Fault } from '../fault.js';
import { type LogFile, logsOf } from './log-file.js';
import { Tally } from './tally.js';

const HOUR = 3_600_000;
/** 114 years; a file with more is no log. */
const MOST_HOURS = 1_000_000;

export interface Survey {
  logs: number;
  /** Event times, milliseconds; undefined where nothing could be read. */
  first: number | undefined;
  last: number | undefined;
  /** Logs by hour since the epoch. */
  hours: Map<number, number>;
}

export async function survey(file: LogFile): Promise<Survey> {
  const found: Survey = { logs: 0, first: undefined, last: undefined, hours: new Map() };
  for await (const { log } of logsOf(file, new Tally())) {
    found.logs += 1;
    found.first = Math.min(found.first ?? log.ts, log.ts);
    found.last = Math.max(found.last ?? log.ts, log.ts);
    const hour = Math.floor(log.ts / HOUR);
    found.hours.set(hour, (found.hours.get(hour) ?? 0) + 1);
    if (found.hours.size > MOST_HOURS)
      throw new Fault(`${file.path} names more than ${MOST_HOURS} different hours: not a log file`);
  }
  return found;
}

/**
 * For files that have lost their minutes: the k-th log of an hour that holds n, in the file's order, is set to
 * (k - 1/2)/n of the hour. Fixed by the file alone, whatever its first minutes were.
 */
export class HourSpread {
  readonly #hours: Map<number, number>;
  readonly #seen = new Map<number, number>();

  constructor(hours: Map<number, number>) {
    this.#hours = hours;
  }

  /** Event time of the next log of this file, whose written time is `ts`. */
  next(ts: number): number {
    const hour = Math.floor(ts / HOUR);
    const seen = this.#seen.get(hour) ?? 0;
    this.#seen.set(hour, seen + 1);
    const full = Math.max(this.#hours.get(hour) ?? 1, seen + 1);
    return hour * HOUR + Math.floor(((seen + 0.5) * HOUR) / full);
  }
}
