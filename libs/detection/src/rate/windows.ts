/**
 * The windows of one pair, as operations on its record. A sliding count is the present bucket plus the part of the
 * previous one that the window still covers (two counters instead of a list of times); a block's peak is the greatest
 * sliding count in it. Everything here is a function of the record and the second: no clock, and idle time costs nothing.
 */

import { CLOCK_SLACK_SECONDS, RING, WINDOWS } from '../constants.js';
import type { Sums } from '../statistics/baseline.js';
import { Chart } from './chart.js';
import { Discounts } from './discounts.js';
import { Moment } from './moment.js';
import {
  BLOCKS,
  CEILING,
  CURRENT,
  DISCOUNTED,
  FLAGS,
  HOURLY,
  LAST,
  LEARNT,
  LOG_SQUARES,
  LOGS,
  type Pairs,
  PEAK,
  PREVIOUS,
  SQUARES,
  SUM,
  sumsAt,
  windowAt,
} from './pairs.js';

/** Flag bits: a block of the window is open; something in it was flagged, or refused. Bits 6, 7 belong to the shelf, 11 to 22 to the chart. */
const open = (window: number) => 1 << window;
const flagged = (window: number) => 8 << window;
const refused = (window: number) => 256 << window;
/** The top byte counts flagged blocks of the first window. */
const FLAGGED_COUNT = 24;

export type Taint = 'none' | 'flagged' | 'refused';

const LATEST = 0xffff_ffff;
/** Seconds since the epoch, within what a record can hold (year 2106). */
export const secondOf = (ts: number) => Math.min(LATEST, Math.max(0, Math.floor(ts / 1000)));

const LONGEST = WINDOWS.length - 1;
const seconds = WINDOWS.map((window) => window.seconds);
const blockSeconds = WINDOWS.map((window) => window.blockSeconds);
export const blockOf = (window: number, second: number) => Math.floor(second / (blockSeconds[window] ?? 1));

/** Second at which the block ends. */
export const blockEnd = (window: number, block: number) => Math.min(LATEST, (block + 1) * (blockSeconds[window] ?? 1));

export class Windows {
  readonly #pairs: Pairs;
  readonly #chart: Chart;
  readonly #moment = new Moment();
  readonly #discounts = new Discounts();

  constructor(pairs: Pairs) {
    this.#pairs = pairs;
    this.#chart = new Chart(pairs);
  }

  /** Where a log of `second` is counted: never before the newest log, unless the clock was put right. */
  positionOf(slot: number, second: number): number {
    const last = this.#pairs.words[this.#pairs.at(slot) + LAST] ?? 0;
    return second < last && last - second <= CLOCK_SLACK_SECONDS ? last : second;
  }

  /** The sliding count of the window at `second`. */
  countAt(slot: number, window: number, second: number): number {
    return this.#count(slot, window, second, 0);
  }

  /** The sliding count of the window if one more log of `second` came: a late one counts in its own bucket, while that is covered. */
  countWith(slot: number, window: number, second: number): number {
    return this.#count(slot, window, second, 1);
  }

  #count(slot: number, window: number, second: number, more: number): number {
    const { begins, covered } = this.#moment.at(this.positionOf(slot, second));
    const begin = begins[window] ?? 0;
    const size = seconds[window] ?? 1;
    const here = second >= begin ? more : 0;
    const before = second < begin && second >= begin - size ? more : 0;
    const at = this.#pairs.at(slot);
    const last = this.#pairs.words[at + LAST] ?? 0;
    if (last >= begin + size || last < begin - size) return here;
    const current = this.#pairs.floats[at + windowAt(window) + CURRENT] ?? 0;
    if (last < begin) return here + Math.floor(current * (covered[window] ?? 0));
    const previous = this.#pairs.floats[at + windowAt(window) + PREVIOUS] ?? 0;
    return current + here + Math.floor((previous + before) * (covered[window] ?? 0));
  }

  /**
   * Counts a log. A taint keeps its blocks from being learnt as normal.
   * @param counted the longest window in which it counts: the one whose limit it crossed, so that a burst which is over does
   *   not accuse its subject for the rest of the hour
   */
  count(slot: number, second: number, taint: Taint, counted: number): void {
    const { words, floats } = this.#pairs;
    const at = this.#pairs.at(slot);
    const position = this.positionOf(slot, second);
    const { begins } = this.#moment.at(position);
    const last = words[at + LAST] ?? 0;
    for (let window = 0; window < seconds.length; window += 1) {
      const start = at + windowAt(window);
      const size = seconds[window] ?? 1;
      const begin = begins[window] ?? 0;
      const peak = this.#count(slot, window, second, window <= counted ? 1 : 0);
      if (last < begin || last >= begin + size) {
        floats[start + PREVIOUS] = last < begin && last >= begin - size ? (floats[start + CURRENT] ?? 0) : 0;
        floats[start + CURRENT] = 0;
      }
      const bucket = second >= begin ? CURRENT : PREVIOUS;
      if (window <= counted && second >= begin - size) floats[start + bucket] = (floats[start + bucket] ?? 0) + 1;
      floats[start + PEAK] = Math.max(floats[start + PEAK] ?? 0, peak);
      if (taint !== 'none')
        words[at + FLAGS] = (words[at + FLAGS] ?? 0) | (taint === 'flagged' ? flagged(window) : refused(window));
    }
    words[at + LAST] = position;
  }

  /** The count of the window's present bucket. */
  bucketCount(slot: number, window: number, second: number): number {
    const at = this.#pairs.at(slot);
    const begin = this.#moment.at(second).begins[window] ?? 0;
    const last = this.#pairs.words[at + LAST] ?? 0;
    const same = last >= begin && last < begin + (seconds[window] ?? 1);
    return same ? (this.#pairs.floats[at + windowAt(window) + CURRENT] ?? 0) : 0;
  }

  isOpen(slot: number, window: number): boolean {
    return ((this.#pairs.words[this.#pairs.at(slot) + FLAGS] ?? 0) & open(window)) !== 0;
  }

  lastBlock(slot: number, window: number): number {
    return blockOf(window, this.#pairs.words[this.#pairs.at(slot) + LAST] ?? 0);
  }

  /** Whether the pair's newest log lies in the same block as `second`. */
  isInBlock(slot: number, window: number, second: number): boolean {
    const begin = this.#moment.at(second).blockBegins[window] ?? 0;
    const last = this.#pairs.words[this.#pairs.at(slot) + LAST] ?? 0;
    return last >= begin && last < begin + (blockSeconds[window] ?? 1);
  }

  /** Opens the block that `second` lies in. */
  open(slot: number, window: number, second: number): void {
    const at = this.#pairs.at(slot);
    const last = this.#pairs.words[at + LAST] ?? 0;
    if (last > 0) this.#chart.open(slot, window, Math.max(0, blockOf(window, second) - blockOf(window, last)));
    this.#pairs.words[at + FLAGS] = (this.#pairs.words[at + FLAGS] ?? 0) | open(window);
  }

  /** The greatest count of the open block. */
  peakOf(slot: number, window: number): number {
    return this.#pairs.floats[this.#pairs.at(slot) + windowAt(window) + PEAK] ?? 0;
  }

  /** What was flagged in the open blocks is not learnt at all when they close. */
  refuse(slot: number): void {
    const { words } = this.#pairs;
    const at = this.#pairs.at(slot) + FLAGS;
    for (let window = 0; window < seconds.length; window += 1)
      if (((words[at] ?? 0) & flagged(window)) !== 0) words[at] = (words[at] ?? 0) | refused(window);
  }

  /** Closes the block: whether it may be learnt. */
  close(slot: number, window: number): Taint {
    const { words, floats } = this.#pairs;
    const at = this.#pairs.at(slot);
    this.#chart.close(slot, window, this.peakOf(slot, window));
    floats[at + windowAt(window) + PEAK] = 0;
    const flags = words[at + FLAGS] ?? 0;
    words[at + FLAGS] = flags & ~(open(window) | flagged(window) | refused(window));
    if ((flags & refused(window)) !== 0) return 'refused';
    return (flags & flagged(window)) === 0 ? 'none' : 'flagged';
  }

  /** How many flagged blocks of the first window there were before this one, at most 255. */
  flaggedBefore(slot: number, window: number): number {
    const at = this.#pairs.at(slot) + FLAGS;
    const flags = this.#pairs.words[at] ?? 0;
    const before = flags >>> FLAGGED_COUNT;
    if (window === 0 && before < 255) this.#pairs.words[at] = flags + 2 ** FLAGGED_COUNT;
    return before;
  }

  /** Adds one observation to the discounted sums. */
  learn(slot: number, window: number, peak: number, second: number, weight: number): void {
    const { taught, words } = this.#pairs;
    const at = this.#pairs.at(slot);
    const from = this.#pairs.taughtAt(slot);
    const decay = this.#decay(slot, second);
    if (decay < 1) for (let sum = from; sum < from + DISCOUNTED; sum += 1) taught[sum] = (taught[sum] ?? 0) * decay;
    words[at + LEARNT] = Math.max(second, words[at + LEARNT] ?? 0);
    const start = from + sumsAt(window);
    taught[start + BLOCKS] = (taught[start + BLOCKS] ?? 0) + weight;
    taught[start + SUM] = (taught[start + SUM] ?? 0) + weight * peak;
    taught[start + SQUARES] = (taught[start + SQUARES] ?? 0) + weight * peak * peak;
  }

  /** Adds a closed hour to the logarithms' sums, which `learn` has discounted. */
  learnLog(slot: number, peak: number, weight: number): void {
    const { taught } = this.#pairs;
    const from = this.#pairs.taughtAt(slot);
    const log = Math.log(Math.max(1, peak));
    taught[from + LOGS] = (taught[from + LOGS] ?? 0) + weight * log;
    taught[from + LOG_SQUARES] = (taught[from + LOG_SQUARES] ?? 0) + weight * log * log;
  }

  /** What the pair itself has taught, discounted to `second`. */
  sums(slot: number, window: number, second: number): Sums {
    const { taught } = this.#pairs;
    const start = this.#pairs.taughtAt(slot) + sumsAt(window);
    const decay = this.#decay(slot, second);
    return {
      blocks: (taught[start + BLOCKS] ?? 0) * decay,
      sum: (taught[start + SUM] ?? 0) * decay,
      sumOfSquares: (taught[start + SQUARES] ?? 0) * decay,
    };
  }

  /** Blocks learnt, discounted to `second`. */
  blocks(slot: number, window: number, second: number): number {
    return (this.#pairs.taught[this.#pairs.taughtAt(slot) + sumsAt(window) + BLOCKS] ?? 0) * this.#decay(slot, second);
  }

  /** Sum of their peaks, likewise. */
  sum(slot: number, window: number, second: number): number {
    return (this.#pairs.taught[this.#pairs.taughtAt(slot) + sumsAt(window) + SUM] ?? 0) * this.#decay(slot, second);
  }

  /** Hours learnt, and their logarithms' sum and sum of squares, discounted to `second`. */
  logSums(slot: number, second: number): Sums {
    const { taught } = this.#pairs;
    const from = this.#pairs.taughtAt(slot);
    const decay = this.#decay(slot, second);
    return {
      blocks: (taught[from + sumsAt(LONGEST) + BLOCKS] ?? 0) * decay,
      sum: (taught[from + LOGS] ?? 0) * decay,
      sumOfSquares: (taught[from + LOG_SQUARES] ?? 0) * decay,
    };
  }

  /** The peak of the closed block before the one that `second` lies in, 0 where there was none. */
  before(slot: number, window: number, second: number): number {
    const index = this.lastBlock(slot, window) - blockOf(window, second) + 1;
    return index === 0 || index === 1 ? this.#chart.peak(slot, window, index) : 0;
  }

  /** The greatest peak that is remembered: of the open block and of the chart's. */
  greatest(slot: number, window: number): number {
    return Math.max(this.peakOf(slot, window), this.#chart.greatest(slot, window));
  }

  /** Peaks of the closed blocks up to the one before `second`, oldest first, with the time of the block's end in ms. */
  peaks(slot: number, window: number, second: number): { ts: number; peak: number }[] {
    const length = blockSeconds[window] ?? 1;
    const newest = this.lastBlock(slot, window);
    const current = blockOf(window, second);
    const peaks: { ts: number; peak: number }[] = [];
    for (let back = RING; back >= 1; back -= 1) {
      const index = newest - (current - back);
      const known = index >= 0 && !(index === 0 && this.isOpen(slot, window));
      const peak = known ? this.#chart.peak(slot, window, index) : 0;
      if (peak > 0 || peaks.length > 0) peaks.push({ ts: (current - back + 1) * length * 1000, peak });
    }
    return peaks;
  }

  /** A new record starts with what another one has learnt. */
  inherit(slot: number, from: number): void {
    const { taught, words } = this.#pairs;
    words[this.#pairs.at(slot) + LEARNT] = words[this.#pairs.at(from) + LEARNT] ?? 0;
    words[this.#pairs.at(slot) + HOURLY] = words[this.#pairs.at(from) + HOURLY] ?? 0;
    const to = this.#pairs.taughtAt(slot);
    for (let word = 0; word <= CEILING; word += 1) taught[to + word] = taught[this.#pairs.taughtAt(from) + word] ?? 0;
  }

  #decay(slot: number, second: number): number {
    const idle = second - (this.#pairs.words[this.#pairs.at(slot) + LEARNT] ?? 0);
    return idle > 0 ? this.#discounts.of(idle) : 1;
  }
}
