/**
 * What is usual for one endpoint, learnt minute by minute some minutes late, of what everybody does (groups.ts).
 *
 *   requests  of two and of sixteen minutes: the highest of
 *             the hour that ended twenty minutes ago             what is going on anyway: rises, sales, a busy day
 *             this hour and its neighbours, on each of 7 days    daily and weekly peaks, nightly batches
 *   duration  mean ln: the highest of the long mean, the recent hour's, and the same hours'
 *   failures  share of requests, and the greatest share of sixteen minutes that was ever usual
 *   spread    of two-minute counts around their neighbours (clumping), of single durations, of means between windows
 *
 * The highest, not the likeliest: what any reasonable expectation explains is no finding, so that a season does no harm
 * before it is known. A minute in trouble teaches what was expected of it instead; an hour's peak teaches no more than
 * the limit; after six hours trouble is the new normal.
 */
import {
  BETWEEN_PRIOR,
  CLUMPING_PRIOR,
  FAILURES_PRIOR,
  LEAST_BETWEEN,
  MEMORY_HOURS,
  MOSTLY,
  NEW_NORMAL_MINUTES,
  SAME_TROUBLE_MINUTES,
  SLOWNESS_PRIOR_REQUESTS,
  SPANS,
  VOLUME_MINUTES,
  WEEK_HOURS,
  WITHIN_PRIOR,
} from './constants.js';
import { HABIT_CELLS, Habit } from './habit.js';
import type { Minute } from './minutes.js';
import { AT, FADING, OF_HOUR, SINCE } from './norm-numbers.js';

export const FLOOD = 0;
export const HEALTH = 1;
export type Trouble = typeof FLOOD | typeof HEALTH;

export const NORM_CELLS = HABIT_CELLS;
/** Two-minute counts in the longest span. */
const QUARTER_IN_TWOS = 8;

const HOURLY = 2 ** (-1 / MEMORY_HOURS);

export class Norm {
  readonly #expected = [0, 0, 0];
  #expectedLn = 0;
  /** The minute of which something is to be expected: found out when it is asked for, since of quiet minutes nobody does. */
  #awaited: number | undefined;
  readonly #head: Float64Array;
  readonly #habit: Habit;

  constructor(numbers: Float64Array, cells: Float32Array) {
    this.#head = numbers;
    this.#habit = new Habit(cells);
    if (this.learnt > 0) this.#awaited = this.learnt + 1;
  }

  /** Expected requests by span; of the shortest nothing is said. */
  get expected(): readonly number[] {
    this.#expect();
    return this.#expected;
  }

  /** Expected mean ln duration; 0 where nothing is known. */
  get expectedLn(): number {
    this.#expect();
    return this.#expectedLn;
  }

  get learnt(): number {
    return this.#of(AT.learnt);
  }

  /** Minutes since the endpoint was first seen. */
  ageAt(minute: number): number {
    return minute - this.#of(AT.born);
  }

  /** Requests that were judged of late, faded. */
  get weight(): number {
    return this.#of(AT.requests);
  }

  begin(minute: number): void {
    this.#set(AT.born, minute);
    this.#set(AT.learnt, minute - 1);
    this.#set(AT.hour, Math.floor(minute / 60));
  }

  /** Usual share of failures; `prior` is what the whole service has. */
  failedShare(prior: number = FAILURES_PRIOR.share): number {
    const weight = FAILURES_PRIOR.requests;
    return (this.#of(AT.failures) + prior * weight) / (this.#of(AT.requests) + weight);
  }

  get failedRecord(): number {
    return this.#of(AT.record);
  }

  /** Variance of a single ln duration. */
  get within(): number {
    const { deviation, requests } = WITHIN_PRIOR;
    return (this.#of(AT.within) + deviation ** 2 * requests) / (this.#of(AT.withinOf) + requests);
  }

  /** Variance of the mean ln duration between windows. */
  get between(): number {
    const { deviation, windows } = BETWEEN_PRIOR;
    const variance = (this.#of(AT.between) + deviation ** 2 * windows) / (this.#of(AT.betweenOf) + windows);
    return Math.max(LEAST_BETWEEN ** 2, variance);
  }

  /** Variance over mean of two-minute counts around their neighbours. */
  get clumping(): number {
    const { ratio, requests } = CLUMPING_PRIOR;
    return (this.#of(AT.steps) + ratio * requests) / (this.#of(AT.stepsOf) + requests);
  }

  /** Quarters of an hour, roughly, that stand behind what is known of failures and durations. */
  get windows(): number {
    return this.#of(AT.betweenOf);
  }

  /** Mean requests a minute of the last hours. */
  get volume(): number {
    return this.#of(AT.volume);
  }

  /** Requests of a span that are no more than the endpoint mostly has, whoever makes them. */
  ordinary(span: number): number {
    return MOSTLY * (SPANS[span]?.seconds ?? 0) * (this.#of(AT.volume) / 60);
  }

  /** The minute is in trouble: it is not learnt as usual, unless the trouble became the usual. */
  note(trouble: Trouble, minute: number): void {
    const [since, until] = SINCE[trouble] as (typeof SINCE)[number];
    if (minute - this.#of(until) > SAME_TROUBLE_MINUTES) this.#set(since, minute - 1);
    this.#set(until, Math.max(minute, this.#of(until)));
  }

  /** A person said that this is the new normal. */
  accept(): void {
    for (const [since, until] of SINCE) {
      this.#set(since, 0);
      this.#set(until, this.#of(until) > 0 ? 1 : 0);
    }
    this.#habit.accept(this.#of(AT.before), this.#of(AT.before) * QUARTER_IN_TWOS);
    this.#awaited = this.learnt + 1;
  }

  /** Learns the next minute; there is one for each since the last, quiet ones too. */
  learn(minute: Minute): void {
    const flooded = this.#isTroubled(FLOOD, minute.minute);
    const ill = this.#isTroubled(HEALTH, minute.minute);
    // As it was expected before its hour began.
    const two = flooded ? Math.min(minute.two, this.expected[1] ?? 0) : minute.two;
    const sixteen = flooded ? Math.min(minute.sixteen, this.expected[2] ?? 0) : minute.sixteen;
    const hour = Math.floor(minute.minute / 60);
    while (this.#of(AT.hour) < hour) this.#closeHour();
    this.#habit.minute(minute.minute, two, sixteen, ill ? 0 : minute.timed, ill ? 0 : minute.ln);
    this.#set(AT.hourTwo, Math.max(this.#of(AT.hourTwo), two));
    this.#set(AT.hourSixteen, Math.max(this.#of(AT.hourSixteen), sixteen));
    this.#step(minute.two, flooded);
    this.#add(AT.volume, (minute.requests - this.#of(AT.volume)) / VOLUME_MINUTES);
    if (!ill) this.#time(minute);
    if (!ill && minute.quarter) this.#quarter(minute.quarter);
    this.#set(AT.learnt, minute.minute);
    this.#awaited = minute.minute + 1;
  }

  /** The clock was put right: time goes on from here, and what was learnt of hours stays. */
  restart(minute: number): void {
    this.#habit.forgetMinutes();
    this.#set(AT.born, Math.min(this.#of(AT.born), minute));
    this.#set(AT.learnt, minute - 1);
    this.#set(AT.hour, Math.floor(minute / 60));
    this.#set(AT.before, 0);
    for (const [since, until] of SINCE) {
      this.#set(since, 0);
      this.#set(until, 0);
    }
    this.#awaited = minute;
  }

  /** Nothing came for so long that no minute of the recent past is known. */
  skipTo(minute: number): void {
    this.#habit.forgetMinutes();
    const hour = Math.floor(minute / 60);
    if (hour - this.#of(AT.hour) > WEEK_HOURS) {
      this.#habit.forgetHours();
      this.#set(AT.born, minute);
      this.#set(AT.hour, hour);
    }
    while (this.#of(AT.hour) < hour) this.#closeHour();
    this.#set(AT.learnt, minute);
    this.#set(AT.before, 0);
    this.#awaited = minute + 1;
  }

  /** The minute is part of a flood that is not the usual yet. */
  isFlooded(minute: number): boolean {
    return this.#isTroubled(FLOOD, minute);
  }

  #isTroubled(trouble: Trouble, minute: number): boolean {
    const [since, until] = SINCE[trouble] as (typeof SINCE)[number];
    return minute >= this.#of(since) && minute <= this.#of(until) && minute - this.#of(since) < NEW_NORMAL_MINUTES;
  }

  /** Two-minute counts overlap by half: their difference is that of single minutes, with the same ratio to half the mean. */
  #step(two: number, flooded: boolean): void {
    const before = this.#of(AT.before);
    this.#set(AT.before, two);
    if (flooded) return;
    this.#add(AT.steps, (two - before) ** 2);
    this.#add(AT.stepsOf, (two + before) / 2);
  }

  #time({ timed, ln, squares }: Minute): void {
    if (timed <= 0) return;
    this.#add(AT.timed, timed);
    this.#add(AT.ln, ln);
    this.#add(AT.hourTimed, timed);
    this.#add(AT.hourLn, ln);
    if (timed < 2) return;
    this.#add(AT.within, Math.max(0, squares - ln ** 2 / timed));
    this.#add(AT.withinOf, timed - 1);
  }

  #quarter({ requests, failures, timed, ln }: NonNullable<Minute['quarter']>): void {
    this.#add(AT.requests, requests);
    this.#add(AT.failures, failures);
    if (requests >= FAILURES_PRIOR.requests) this.#set(AT.record, Math.max(this.#of(AT.record), failures / requests));
    if (timed < SLOWNESS_PRIOR_REQUESTS || this.#of(AT.timed) <= timed) return;
    const off = ln / timed - this.#of(AT.ln) / this.#of(AT.timed);
    this.#add(AT.between, off ** 2 - this.within / timed);
    this.#add(AT.betweenOf, 1);
  }

  #closeHour(): void {
    const hour = this.#of(AT.hour);
    const [timed, ln] = [this.#of(AT.hourTimed), this.#of(AT.hourLn)];
    this.#habit.hour(hour, this.#of(AT.hourTwo), this.#of(AT.hourSixteen), timed > 0 ? this.#shrunk(timed, ln) : 0);
    for (const at of OF_HOUR) this.#set(at, 0);
    for (const at of FADING) this.#set(at, this.#of(at) * HOURLY);
    this.#set(AT.steps, this.#of(AT.steps) * HOURLY);
    this.#set(AT.stepsOf, this.#of(AT.stepsOf) * HOURLY);
    this.#set(AT.hour, hour + 1);
  }

  /** A mean of few requests leans on the long one. */
  #shrunk(timed: number, ln: number): number {
    const slow = this.#of(AT.timed) > 0 ? this.#of(AT.ln) / this.#of(AT.timed) : ln / timed;
    return (ln + SLOWNESS_PRIOR_REQUESTS * slow) / (timed + SLOWNESS_PRIOR_REQUESTS);
  }

  #expect(): void {
    if (this.#awaited === undefined) return;
    const { two, sixteen, ln, recentTimed, recentLn } = this.#habit.at(this.#awaited);
    this.#awaited = undefined;
    const slow = this.#of(AT.timed) > 0 ? this.#of(AT.ln) / this.#of(AT.timed) : 0;
    this.#expected[1] = two;
    this.#expected[2] = sixteen;
    this.#expectedLn = Math.max(slow, ln, recentTimed > 0 ? this.#shrunk(recentTimed, recentLn) : 0);
  }

  #of(at: number): number {
    return this.#head[at] ?? 0;
  }

  #set(at: number, value: number): void {
    this.#head[at] = value;
  }

  #add(at: number, value: number): void {
    this.#head[at] = (this.#head[at] ?? 0) + value;
  }
}
