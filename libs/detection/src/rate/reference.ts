/**
 * The slow reference of a pair, for kind `drift`: an actor that climbs little by little takes its windows' limits along, for
 * they learn what was never over them; the reference does not follow. Its observations are the logarithms of the peaks
 * of closed active hours, its state four words of the pair (pairs.ts).
 *
 *   prior    mu0, v0 = ln m1 - v0/2, ln(1 + d1 + 1/m1)       the population's hour (baseline.ts), as a lognormal
 *   band     mu = (K mu0 + sum) / (K + N),  v likewise        K = DRIFT_PRIOR_HOURS: little, but never nothing
 *   target   mu + max(ln DRIFT_FACTOR, DRIFT_DEVIATIONS sqrt v)
 *   ceiling  opens at the limit that holds for the actor without it; falls towards the target by DRIFT_FALL of the way an
 *            hour; rises at most DRIFT_RISE_A_DAY, and faster only while the pair is young and nobody knows its actor, up to
 *            what any newcomer may do: beyond that a patient one gains nothing by being young
 */
import { POPULATION_PRIOR_BLOCKS } from '../constants.js';
import { type Expectation, variation } from '../statistics/baseline.js';
import {
  DRIFT_DEVIATIONS,
  DRIFT_FACTOR,
  DRIFT_FALL,
  DRIFT_FLOORS,
  DRIFT_PRIOR_HOURS,
  DRIFT_RISE_A_DAY,
  DRIFT_YOUNG_HOURS,
  DRIFT_YOUNG_RISE,
} from './constants.js';
import { BLOCKS, CEILING, HOURLY, LOG_SQUARES, LOGS, type Pairs, SQUARES, SUM, sumsAt } from './pairs.js';
import type { Windows } from './windows.js';

const DAY = 86_400;
const HOUR_WINDOW = 2;
const LN_FLOOR = Math.log(DRIFT_FLOORS.other);
const LN_FACTOR = Math.log(DRIFT_FACTOR);

export interface Band {
  /** Requests an hour. */
  expected: number;
  /** Logarithm. */
  target: number;
  /** Hours learnt. */
  hours: number;
}

/** What is known when an hour closes. */
export interface Closing {
  second: number;
  /** The hour's population. */
  everyone: Expectation;
  /** How far what was flagged is believed, 0 where nothing was. */
  flagged: number;
  /** The limit that holds without the reference. */
  opening: () => number;
  /** How well the actor is known as ordinary, 0..1. */
  acquaintance: () => number;
  /** What an hour of any newcomer may be. */
  newcomer: number;
}

export class Reference {
  readonly #pairs: Pairs;
  readonly #windows: Windows;

  constructor(pairs: Pairs, windows: Windows) {
    this.#pairs = pairs;
    this.#windows = windows;
  }

  /** Requests an hour above which the pair has drifted; 0 before its first hour has closed. */
  ceiling(slot: number): number {
    const ceiling = this.#pairs.taught[this.#pairs.taughtAt(slot) + CEILING] ?? 0;
    return ceiling > 0 ? Math.exp(ceiling) : 0;
  }

  band(slot: number, second: number, everyone: Expectation): Band {
    const { blocks, sum, sumOfSquares } = this.#windows.logSums(slot, second);
    const mean = blocks > 0 ? sum / blocks : 0;
    const variance = blocks > 0 ? Math.max(0, sumOfSquares / blocks - mean * mean) : 0;
    const spread = variation(everyone);
    const prior = Math.log(Math.max(1, everyone.mean)) - spread / 2;
    const all = DRIFT_PRIOR_HOURS + blocks;
    const centre = (DRIFT_PRIOR_HOURS * prior + blocks * mean) / all;
    const deviation = Math.sqrt((DRIFT_PRIOR_HOURS * spread + blocks * variance) / all);
    const target = Math.max(LN_FLOOR, centre + Math.max(LN_FACTOR, DRIFT_DEVIATIONS * deviation));
    return { expected: Math.exp(centre), target, hours: blocks };
  }

  /** An hour has closed and was learnt. */
  close(slot: number, closing: Closing): void {
    const { taught, words } = this.#pairs;
    const hourly = this.#pairs.at(slot) + HOURLY;
    const ceiling = this.#pairs.taughtAt(slot) + CEILING;
    const { target, hours, expected } = this.band(slot, closing.second, closing.everyone);
    const known = taught[ceiling] ?? 0;
    // Half a day long a pair may do twice its mean, whatever it began with.
    const before = known > 0 && hours < DRIFT_YOUNG_HOURS / 2 ? Math.max(known, Math.log(expected) + LN_FACTOR) : known;
    const passed = Math.min(DAY, Math.max(0, closing.second - (words[hourly] ?? 0)));
    words[hourly] = Math.max(closing.second, words[hourly] ?? 0);
    if (before === 0) {
      // Where others are known, what the first hour did is no licence.
      const free = closing.everyone.blocks < POPULATION_PRIOR_BLOCKS ? target : LN_FLOOR;
      taught[ceiling] = Math.max(free, Math.log(Math.max(1, closing.opening())));
    } else if (target <= before) taught[ceiling] = before - (before - target) * DRIFT_FALL;
    else taught[ceiling] = Math.min(target, before + this.#rise(hours, passed, before, target, closing));
  }

  /** A person said that this is the norm: `perHour` is within the band from now on. */
  raise(slot: number, perHour: number): void {
    const { taught } = this.#pairs;
    const at = this.#pairs.taughtAt(slot) + CEILING;
    const ceiling = Math.log(Math.max(DRIFT_FLOORS.other, perHour)) + LN_FACTOR;
    if ((taught[at] ?? 0) > 0) taught[at] = Math.max(taught[at] ?? 0, ceiling);
  }

  /** A record of version 1 knows its hours' mean and variance; as a lognormal these are the logarithms'. */
  translate(slot: number): void {
    const { taught } = this.#pairs;
    const at = this.#pairs.taughtAt(slot);
    const start = at + sumsAt(HOUR_WINDOW);
    const hours = taught[start + BLOCKS] ?? 0;
    if (hours <= 0) return;
    const mean = (taught[start + SUM] ?? 0) / hours;
    const variance = Math.max(0, (taught[start + SQUARES] ?? 0) / hours - mean * mean);
    const spread = mean > 0 ? Math.log1p(variance / (mean * mean)) : 0;
    const centre = Math.log(Math.max(1, mean)) - spread / 2;
    taught[at + LOGS] = hours * centre;
    taught[at + LOG_SQUARES] = hours * (spread + centre * centre);
  }

  #rise(hours: number, passed: number, before: number, target: number, closing: Closing): number {
    const slow = (DRIFT_RISE_A_DAY * passed) / DAY;
    if (closing.flagged > 0) return Math.max(slow, closing.flagged * (target - before));
    const free = Math.log(closing.newcomer) - before;
    if (hours >= DRIFT_YOUNG_HOURS || free <= slow) return slow;
    return Math.min(free, slow + DRIFT_YOUNG_RISE * (1 - closing.acquaintance()) * (1 - hours / DRIFT_YOUNG_HOURS));
  }
}
