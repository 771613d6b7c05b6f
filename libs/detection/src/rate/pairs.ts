/**
 * Storage of the pairs (source x endpoint): fixed records in two buffers, found through a table (slot-table.ts), linked by
 * source. Nearly each request meets a pair that no cache holds any more, so what a request touches is one record of 64
 * bytes; what only closed blocks touch lies apart. A pair costs 148 bytes, and
 * 12 to 24 in the table; a million pairs need no object each. The buffers double until the model's cap is reached.
 *
 *   present  words and floats: whose it is, when it was seen, the counts of the open windows
 *   taught   floats: discounted sums over the closed blocks, the slow reference; then as bytes the chart (chart.ts)
 */
import { RING, WINDOWS } from '../constants.js';
import { ENDPOINT, SlotTable, SOURCE } from '../entities/slot-table.js';
import type { Visit } from '../visit.js';

// ---- Words of the present part

export { ENDPOINT, SOURCE } from '../entities/slot-table.js';
/** Next pair of the same source: slot + 1, 0 at the end. */
export const NEXT = 2;
/** Second of the newest log. */
export const LAST = 3;
/** Second up to which the sums are discounted. */
export const LEARNT = 4;
export const FLAGS = 5;
/** Second of the slow reference. */
export const HOURLY = 6;
/** Floats of one window, from `windowAt`. */
export const CURRENT = 0;
export const PREVIOUS = 1;
export const PEAK = 2;
const HEAD_WORDS = 7;
const WINDOW_WORDS = 3;
export const WORDS = HEAD_WORDS + WINDOWS.length * WINDOW_WORDS;
export const windowAt = (window: number) => HEAD_WORDS + window * WINDOW_WORDS;

// ---- Floats of the taught part

/** Of one window, from `sumsAt`. */
export const BLOCKS = 0;
export const SUM = 1;
export const SQUARES = 2;
const SUM_FLOATS = 3;
export const sumsAt = (window: number) => window * SUM_FLOATS;
/** The slow reference: sums of the logarithms of the hours' peaks and of their squares, its limit (a logarithm). */
export const LOGS = WINDOWS.length * SUM_FLOATS;
export const LOG_SQUARES = LOGS + 1;
/** Sums come first: they are discounted together. */
export const DISCOUNTED = LOGS + 2;
export const CEILING = DISCOUNTED;
export const TAUGHT_FLOATS = DISCOUNTED + 1;

/** The chart of the first window, in words of the taught part. */
const CHART = TAUGHT_FLOATS;
const TAUGHT_WORDS = CHART + (WINDOWS.length * RING) / 4;
/** Source of a free slot. */
const NOBODY = 0xffffffff;
const LEAST_SLOTS = 256;

export class Pairs {
  /** The present part, read as floats and as unsigned integers. */
  floats = new Float32Array(0);
  words = new Uint32Array(0);
  /** The taught part, likewise. */
  taught = new Float32Array(0);
  taughtWords = new Uint32Array(0);
  /** As bytes, for the charts. */
  charts = new Uint8Array(0);
  readonly #table = new SlotTable(WORDS);
  #slots = 0;
  readonly #free: number[] = [];
  /** Mixture of what was read ahead: kept, so that no compiler leaves the reading out. */
  #read = 0;

  get count(): number {
    return this.#table.count;
  }

  /** Start of the slot's present part, in words. */
  at(slot: number): number {
    return slot * WORDS;
  }

  /** Start of its taught part, in floats. */
  taughtAt(slot: number): number {
    return slot * TAUGHT_WORDS;
  }

  /** Start of a window's chart, in bytes. */
  chartAt(slot: number, window: number): number {
    return (slot * TAUGHT_WORDS + CHART) * 4 + window * RING;
  }

  /** The slot, or -1. */
  find(source: number, endpoint: number): number {
    return this.#table.find(this.words, source, endpoint);
  }

  /** A zeroed record for a pair that is not there. */
  add(source: number, endpoint: number): number {
    const slot = this.#free.pop() ?? this.#slots++;
    if ((slot + 1) * WORDS > this.words.length) this.#grow();
    const at = slot * WORDS;
    this.words.fill(0, at, at + WORDS);
    this.taughtWords.fill(0, slot * TAUGHT_WORDS, (slot + 1) * TAUGHT_WORDS);
    this.words[at + SOURCE] = source;
    this.words[at + ENDPOINT] = endpoint;
    this.#table.add(source, endpoint, slot);
    return slot;
  }

  remove(slot: number): void {
    this.#table.remove(this.words, slot);
    this.words[slot * WORDS + SOURCE] = NOBODY;
    this.#free.push(slot);
  }

  /** Whether the slot holds this pair still. */
  holds(slot: number, source: number, endpoint: number): boolean {
    const at = slot * WORDS;
    return slot >= 0 && this.words[at + SOURCE] === source && this.words[at + ENDPOINT] === endpoint;
  }

  /** Finds the records of visits, in two steps so that their waits for memory overlap; the slots are likely ones. */
  findLikely(visits: readonly Visit[]): void {
    for (const visit of visits)
      if (visit.source && visit.endpoint) visit.slot = this.#table.likely(visit.source.index, visit.endpoint.index);
    for (const { slot } of visits)
      if (slot >= 0) this.#read ^= (this.words[slot * WORDS] ?? 0) ^ (this.words[slot * WORDS + WORDS - 1] ?? 0);
  }

  /** Reads what closing a block needs, of many pairs side by side: one after another each would wait for memory. */
  readAhead(slots: readonly number[]): void {
    for (const slot of slots) {
      const taught = this.taughtAt(slot);
      this.#read ^= (this.taughtWords[taught] ?? 0) ^ (this.taughtWords[taught + TAUGHT_WORDS - 1] ?? 0);
    }
  }

  #grow(): void {
    const slots = Math.max(LEAST_SLOTS, (this.words.length / WORDS) * 2);
    const words = new Uint32Array(slots * WORDS);
    const taught = new Uint32Array(slots * TAUGHT_WORDS);
    words.set(this.words);
    taught.set(this.taughtWords);
    this.words = words;
    this.floats = new Float32Array(words.buffer);
    this.taughtWords = taught;
    this.taught = new Float32Array(taught.buffer);
    this.charts = new Uint8Array(taught.buffer);
  }
}
