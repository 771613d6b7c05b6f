/**
 * The habits of one endpoint: what the hours of the last week had at most, and the minutes of the last hour. The highest
 * of them that speaks for a time is what is expected then (norm.ts says why the highest). Views on the stored state.
 */
import { RECENT_LAG_MINUTES, RECENT_MINUTES, WEEK_HOURS } from './constants.js';

const HOUR_FIELDS = 3;
const RECENT_FIELDS = 4;
export const HABIT_CELLS = WEEK_HOURS * HOUR_FIELDS + RECENT_MINUTES * RECENT_FIELDS;

/** What is expected of a minute. */
export interface Expected {
  /** Requests of two and of sixteen minutes. */
  two: number;
  sixteen: number;
  /** Greatest mean ln duration of the same hours; 0 where none is known. */
  ln: number;
  /** Timed requests of the recent past, and the sum of their ln durations. */
  recentTimed: number;
  recentLn: number;
}

export class Habit {
  readonly #hours: Float32Array;
  readonly #recent: Float32Array;
  /** What the hours say of one hour, so that they are not asked for each of its minutes. */
  readonly #usual = { hour: Number.NaN, two: 0, sixteen: 0, ln: 0 };

  constructor(cells: Float32Array) {
    this.#hours = cells.subarray(0, WEEK_HOURS * HOUR_FIELDS);
    this.#recent = cells.subarray(WEEK_HOURS * HOUR_FIELDS, HABIT_CELLS);
  }

  /** A minute is over. */
  minute(minute: number, two: number, sixteen: number, timed: number, ln: number): void {
    const at = (minute % RECENT_MINUTES) * RECENT_FIELDS;
    this.#recent[at] = two;
    this.#recent[at + 1] = sixteen;
    this.#recent[at + 2] = timed;
    this.#recent[at + 3] = ln;
  }

  /** An hour is over: the highest counts of its minutes, and its mean ln duration or 0. */
  hour(hour: number, two: number, sixteen: number, ln: number): void {
    const at = (hour % WEEK_HOURS) * HOUR_FIELDS;
    this.#hours[at] = two;
    this.#hours[at + 1] = sixteen;
    this.#hours[at + 2] = ln;
    this.#usual.hour = Number.NaN;
  }

  forgetMinutes(): void {
    this.#recent.fill(0);
  }

  forgetHours(): void {
    this.#hours.fill(0);
    this.#usual.hour = Number.NaN;
  }

  /** So much is usual from now on. */
  accept(two: number, sixteen: number): void {
    for (let at = 0; at < this.#recent.length; at += RECENT_FIELDS) {
      this.#recent[at] = Math.max(this.#recent[at] ?? 0, two);
      this.#recent[at + 1] = Math.max(this.#recent[at + 1] ?? 0, sixteen);
    }
  }

  at(minute: number): Expected {
    const recent = this.#recent;
    const usual = this.#usualOf(Math.floor(minute / 60));
    let { two, sixteen } = usual;
    let recentTimed = 0;
    let recentLn = 0;
    let at = ((minute - RECENT_LAG_MINUTES + RECENT_MINUTES) % RECENT_MINUTES) * RECENT_FIELDS;
    for (let ago = RECENT_LAG_MINUTES; ago < RECENT_MINUTES; ago += 1) {
      const [ofTwo, ofSixteen] = [recent[at] ?? 0, recent[at + 1] ?? 0];
      if (ofTwo > two) two = ofTwo;
      if (ofSixteen > sixteen) sixteen = ofSixteen;
      recentTimed += recent[at + 2] ?? 0;
      recentLn += recent[at + 3] ?? 0;
      at = at === 0 ? (RECENT_MINUTES - 1) * RECENT_FIELDS : at - RECENT_FIELDS;
    }
    return { two, sixteen, ln: usual.ln, recentTimed, recentLn };
  }

  /** The highest of this hour and its neighbours on each of seven days. */
  #usualOf(hour: number): { two: number; sixteen: number; ln: number } {
    const usual = this.#usual;
    if (usual.hour === hour) return usual;
    const hours = this.#hours;
    let two = 0;
    let sixteen = 0;
    let ln = 0;
    for (let day = 1; day <= 7; day += 1) {
      for (let beside = -1; beside <= 1; beside += 1) {
        if (day === 7 && beside < 0) continue; // Overwritten by the hour before this one.
        const at = ((hour - 24 * day + beside + 2 * WEEK_HOURS) % WEEK_HOURS) * HOUR_FIELDS;
        two = Math.max(two, hours[at] ?? 0);
        sixteen = Math.max(sixteen, hours[at + 1] ?? 0);
        ln = Math.max(ln, hours[at + 2] ?? 0);
      }
    }
    usual.hour = hour;
    usual.two = two;
    usual.sixteen = sixteen;
    usual.ln = ln;
    return usual;
  }
}
