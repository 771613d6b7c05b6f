/**
 * The windows of one pair, as operations on its record. A sliding count is the present bucket plus the part of the
 * previous one that the window still covers (two counters instead of a list of times); a block's peak is the greatest
 * sliding count in it. Everything here is a function of the record and the second: no clock, and idle time costs nothing.
 */

import { CLOCK_SLACK_SECONDS, MEMORY_SECONDS, RING, WINDOWS } from '../constants.js';
import type { Sums } from '../statistics/baseline.js';
import {
  BLOCKS,
  CEILING,
  CURRENT,
  FLAGS,
  HOURLY,
  LAST,
  LEARNT,
  LOG_SQUARES,
  LOGS,
  type Pairs,
  PEAK,
  PREVIOUS,
  RING_WORD,
  SQUARES,
  SUM,
  windowAt,
} from './pairs.js';

/** Flag bits: a block of the window is open; something in it was flagged, or refused. Bit 6 belongs to the shelf. */
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
/** Every discounted sum of a record. */
const SUMS = [...WINDOWS.flatMap((_, window) => [BLOCKS, SUM, SQUARES].map((sum) => windowAt(window) + sum)), LOGS, LOG_SQUARES];
const seconds = WINDOWS.map((window) => window.seconds);
const blockSeconds = WINDOWS.map((window) => window.blockSeconds);
const secondsOf = (window: number) => seconds[window] ?? 1;
export const blockOf = (window: number, second: number) => Math.floor(second / (blockSeconds[window] ?? 1));

/** Second at which the block ends. */
export const blockEnd = (window: number, block: number) => Math.min(LATEST, (block + 1) * (blockSeconds[window] ?? 1));

export class Windows {
  readonly #pairs: Pairs;

  constructor(pairs: Pairs) {
    this.#pairs = pairs;
  }

  /** Where a log of `second` is counted: never before the newest log, unless the clock was put right. */
  positionOf(slot: number, second: number): number {
    const last = this.#pairs.words[this.#pairs.at(slot) + LAST] ?? 0;
    return second < last && last - second <= CLOCK_SLACK_SECONDS ? last : second;
  }

  /** The sliding count of the window at `second`. */
  countAt(slot: number, window: number, second: number): number {
    const position = this.positionOf(slot, second);
    const size = secondsOf(window);
    const adds = Math.floor(second / size) === Math.floor(position / size) ? 1 : 0;
    return this.countWith(slot, window, second) - adds;
  }

  /** The sliding count of the window if one more log of `second` came; `adds` is 0 where it is too late for the bucket. */
  countWith(slot: number, window: number, second: number): number {
    const at = this.#pairs.at(slot);
    const position = this.positionOf(slot, second);
    const size = secondsOf(window);
    const adds = Math.floor(second / size) === Math.floor(position / size) ? 1 : 0;
    const behind = Math.floor(position / size) - Math.floor((this.#pairs.words[at + LAST] ?? 0) / size);
    if (behind < 0 || behind > 1) return adds;
    const current = this.#pairs.floats[at + windowAt(window) + CURRENT] ?? 0;
    const previous = behind === 1 ? current : (this.#pairs.floats[at + windowAt(window) + PREVIOUS] ?? 0);
    const covered = 1 - (position % size) / size;
    return (behind === 1 ? 0 : current) + adds + Math.floor(previous * covered);
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
    for (let window = 0; window < seconds.length; window += 1) {
      const start = at + windowAt(window);
      const size = secondsOf(window);
      const counts = window <= counted;
      const peak = counts ? this.countWith(slot, window, second) : this.countAt(slot, window, second);
      const behind = Math.floor(position / size) - Math.floor((words[at + LAST] ?? 0) / size);
      if (behind !== 0) {
        floats[start + PREVIOUS] = behind === 1 ? (floats[start + CURRENT] ?? 0) : 0;
        floats[start + CURRENT] = 0;
      }
      const inBucket = Math.floor(second / size) === Math.floor(position / size);
      if (counts && inBucket) floats[start + CURRENT] = (floats[start + CURRENT] ?? 0) + 1;
      floats[start + PEAK] = Math.max(floats[start + PEAK] ?? 0, peak);
      if (taint !== 'none')
        words[at + FLAGS] = (words[at + FLAGS] ?? 0) | (taint === 'flagged' ? flagged(window) : refused(window));
    }
    words[at + LAST] = position;
  }

  /** The count of the window's present bucket. */
  bucketCount(slot: number, window: number, second: number): number {
    const at = this.#pairs.at(slot);
    const size = secondsOf(window);
    const same = Math.floor((this.#pairs.words[at + LAST] ?? 0) / size) === Math.floor(second / size);
    return same ? (this.#pairs.floats[at + windowAt(window) + CURRENT] ?? 0) : 0;
  }

  isOpen(slot: number, window: number): boolean {
    return ((this.#pairs.words[this.#pairs.at(slot) + FLAGS] ?? 0) & open(window)) !== 0;
  }

  lastBlock(slot: number, window: number): number {
    return blockOf(window, this.#pairs.words[this.#pairs.at(slot) + LAST] ?? 0);
  }

  /** Opens the block that `second` lies in and makes room in the chart for the blocks since the last. */
  open(slot: number, window: number, second: number): void {
    const at = this.#pairs.at(slot);
    const last = this.#pairs.words[at + LAST] ?? 0;
    const passed = Math.max(0, blockOf(window, second) - blockOf(window, last));
    const ring = (at + windowAt(window) + RING_WORD) * 4;
    if (passed > 0 && last > 0) {
      const shift = Math.min(RING, passed);
      this.#pairs.bytes.copyWithin(ring + shift, ring, ring + RING - shift);
      this.#pairs.bytes.fill(0, ring, ring + shift);
    }
    this.#pairs.words[at + FLAGS] = (this.#pairs.words[at + FLAGS] ?? 0) | open(window);
  }

  /** Closes the block: its peak, and whether it may be learnt. */
  close(slot: number, window: number): { peak: number; taint: Taint } {
    const { words, floats, bytes } = this.#pairs;
    const at = this.#pairs.at(slot);
    const start = at + windowAt(window);
    const peak = floats[start + PEAK] ?? 0;
    const flags = words[at + FLAGS] ?? 0;
    bytes[(start + RING_WORD) * 4] = encodePeak(peak);
    floats[start + PEAK] = 0;
    words[at + FLAGS] = flags & ~(open(window) | flagged(window) | refused(window));
    if ((flags & refused(window)) !== 0) return { peak, taint: 'refused' };
    return { peak, taint: (flags & flagged(window)) === 0 ? 'none' : 'flagged' };
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
    const { floats, words } = this.#pairs;
    const at = this.#pairs.at(slot);
    const decay = this.#decay(slot, second);
    if (decay < 1) for (const word of SUMS) floats[at + word] = (floats[at + word] ?? 0) * decay;
    words[at + LEARNT] = Math.max(second, words[at + LEARNT] ?? 0);
    const start = at + windowAt(window);
    floats[start + BLOCKS] = (floats[start + BLOCKS] ?? 0) + weight;
    floats[start + SUM] = (floats[start + SUM] ?? 0) + weight * peak;
    floats[start + SQUARES] = (floats[start + SQUARES] ?? 0) + weight * peak * peak;
  }

  /** Adds a closed hour to the logarithms' sums, which `learn` has discounted. */
  learnLog(slot: number, peak: number, weight: number): void {
    const { floats } = this.#pairs;
    const at = this.#pairs.at(slot);
    const log = Math.log(Math.max(1, peak));
    floats[at + LOGS] = (floats[at + LOGS] ?? 0) + weight * log;
    floats[at + LOG_SQUARES] = (floats[at + LOG_SQUARES] ?? 0) + weight * log * log;
  }

  /** What the pair itself has taught, discounted to `second`. */
  sums(slot: number, window: number, second: number): Sums {
    const { floats } = this.#pairs;
    const start = this.#pairs.at(slot) + windowAt(window);
    const decay = this.#decay(slot, second);
    return {
      blocks: (floats[start + BLOCKS] ?? 0) * decay,
      sum: (floats[start + SUM] ?? 0) * decay,
      sumOfSquares: (floats[start + SQUARES] ?? 0) * decay,
    };
  }

  /** Hours learnt, and their logarithms' sum and sum of squares, discounted to `second`. */
  logSums(slot: number, second: number): Sums {
    const { floats } = this.#pairs;
    const at = this.#pairs.at(slot);
    const decay = this.#decay(slot, second);
    return {
      blocks: (floats[at + windowAt(LONGEST) + BLOCKS] ?? 0) * decay,
      sum: (floats[at + LOGS] ?? 0) * decay,
      sumOfSquares: (floats[at + LOG_SQUARES] ?? 0) * decay,
    };
  }

  /** The peak of the closed block before the one that `second` lies in, 0 where there was none. */
  before(slot: number, window: number, second: number): number {
    const index = this.lastBlock(slot, window) - blockOf(window, second) + 1;
    const ring = (this.#pairs.at(slot) + windowAt(window) + RING_WORD) * 4;
    return index === 0 || index === 1 ? decodePeak(this.#pairs.bytes[ring + index] ?? 0) : 0;
  }

  /** The greatest peak that is remembered: of the open block and of the chart's. */
  greatest(slot: number, window: number): number {
    const start = this.#pairs.at(slot) + windowAt(window);
    const ring = this.#pairs.bytes.subarray((start + RING_WORD) * 4, (start + RING_WORD) * 4 + RING);
    return Math.max(this.#pairs.floats[start + PEAK] ?? 0, decodePeak(Math.max(...ring)));
  }

  /** Peaks of the closed blocks up to the one before `second`, oldest first, with the time of the block's end in ms. */
  peaks(slot: number, window: number, second: number): { ts: number; peak: number }[] {
    const at = this.#pairs.at(slot);
    const ring = (at + windowAt(window) + RING_WORD) * 4;
    const length = blockSeconds[window] ?? 1;
    const newest = this.lastBlock(slot, window);
    const current = blockOf(window, second);
    const peaks: { ts: number; peak: number }[] = [];
    for (let back = RING; back >= 1; back -= 1) {
      const index = newest - (current - back);
      const peak =
        index >= 0 && index < RING && !(index === 0 && this.isOpen(slot, window))
          ? decodePeak(this.#pairs.bytes[ring + index] ?? 0)
          : 0;
      if (peak > 0 || peaks.length > 0) peaks.push({ ts: (current - back + 1) * length * 1000, peak });
    }
    return peaks;
  }

  /** A new record starts with what another one has learnt. */
  inherit(slot: number, from: number): void {
    const { floats, words } = this.#pairs;
    const at = this.#pairs.at(slot);
    const source = this.#pairs.at(from);
    words[at + LEARNT] = words[source + LEARNT] ?? 0;
    for (const word of SUMS) floats[at + word] = floats[source + word] ?? 0;
    floats[at + CEILING] = floats[source + CEILING] ?? 0;
    words[at + HOURLY] = words[source + HOURLY] ?? 0;
  }

  #decay(slot: number, second: number): number {
    const idle = second - (this.#pairs.words[this.#pairs.at(slot) + LEARNT] ?? 0);
    return idle > 0 ? 2 ** (-idle / MEMORY_SECONDS) : 1;
  }
}

/** One byte a peak: exact to 127, then logarithmic steps of 6 % up to about 200,000. */
export function encodePeak(peak: number): number {
  if (peak < 128) return Math.round(Math.max(0, peak));
  return Math.min(255, 128 + Math.round(12 * Math.log2(peak / 128)));
}

export function decodePeak(code: number): number {
  return code < 128 ? code : Math.round(128 * 2 ** ((code - 128) / 12));
}
