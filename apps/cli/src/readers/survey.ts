/** A first pass over a file for what must be known before its first log is used: its span, and how full each hour is. */
import { Fault } from '../fault.js';
import { type FileLog, type LogFile, logsOf } from './log-file.js';
import { Tally } from './tally.js';

const HOUR = 3_600_000;
/** 114 years; a file with more is no log. */
const MOST_HOURS = 1_000_000;

export interface Survey {
  /** Logs behind the passed lines, and their event times in milliseconds; undefined where there are none. */
  logs: number;
  first: number | undefined;
  last: number | undefined;
  /** All logs by hour since the epoch, and the part of these in the passed lines. */
  hours: Map<number, number>;
  passed: Map<number, number>;
}

/** @param passedLines lines that an earlier run has dealt with */
export async function survey(file: LogFile, passedLines = 0): Promise<Survey> {
  const found: Survey = { logs: 0, first: undefined, last: undefined, hours: new Map(), passed: new Map() };
  for await (const { log, line } of logsOf(file, { tally: new Tally() })) {
    found.logs += 1;
    found.first = Math.min(found.first ?? log.ts, log.ts);
    found.last = Math.max(found.last ?? log.ts, log.ts);
    const hour = Math.floor(log.ts / HOUR);
    found.hours.set(hour, (found.hours.get(hour) ?? 0) + 1);
    if (line.number <= passedLines) found.passed.set(hour, (found.passed.get(hour) ?? 0) + 1);
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
  readonly #seen: Map<number, number>;

  constructor({ hours, passed }: Pick<Survey, 'hours' | 'passed'>) {
    this.#hours = hours;
    this.#seen = new Map(passed);
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

/** The same logs, set to the event times of a spread. */
export async function* spreadLogs(logs: AsyncIterable<FileLog>, spread: HourSpread): AsyncGenerator<FileLog> {
  for await (const item of logs) {
    item.log.ts = spread.next(item.log.ts);
    yield item;
  }
}
