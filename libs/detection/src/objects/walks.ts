/**
 * Storage of the walks: one record of 72 words for each source on an endpoint with parameters, in one buffer, linked by
 * source. When there is no room, the least valuable of a sample goes: who was seen in few hours, with few objects, and long
 * ago; so that invented sources push each other out, and nobody can walk unseen behind them.
 */
import { VALUE_HALF_LIFE_SECONDS } from '../constants.js';
import { ENDPOINT, SlotTable, SOURCE } from '../entities/slot-table.js';
import { EVICTION_SAMPLE, FOOTPRINT_WORDS, MAX_WALKS_PER_SOURCE, MEASURES } from './constants.js';

export { ENDPOINT, SOURCE } from '../entities/slot-table.js';

/** Next walk of the same source: slot + 1, 0 at the end. */
const NEXT = 2;
/** Second of the newest log. */
export const LAST = 3;
export const FLAGS = 4;
/** Own closed blocks of an hour and of a day, discounted to the second in LEARNT. */
export const HOURS = 5;
export const DAYS = 6;
export const LEARNT = 7;
/** The last number asked for, in two halves, plus one: 0 for none. */
export const NUMBER_LOW = 8;
export const NUMBER_HIGH = 9;
/** Bits set in the footprint. */
export const FILLED = 10;
/** Second when something was over a limit here last. */
export const CHARGED = 11;
/** Hash of the object asked for last: asking for it twice is no return. */
export const NEWEST = 12;
const HEAD_WORDS = 13;
/** Words of one measure, from `measureAt`: the window's present and previous bucket, the block's peak, sums over closed blocks, and the flagged level. */
export const CURRENT = 0;
/** Of a run, which has no previous bucket: when it began, by a clock that floats hold exactly. */
export const BEGAN = 1;
export const BEGAN_CLOCK = 2 ** 22;
export const PEAK = 2;
export const SUM = 3;
export const SQUARES = 4;
export const TOLD = 5;
const MEASURE_WORDS = 6;

export const measureAt = (measure: number) => HEAD_WORDS + measure * MEASURE_WORDS;
/** Returns to known objects, of the present and the previous bucket of ten minutes, an hour and a day. */
export const RETURNS = measureAt(MEASURES.length);
export const RETURN_SECONDS = [600, 3600, 86_400] as const;
export const FOOTPRINT = RETURNS + 2 * RETURN_SECONDS.length;
export const WORDS = FOOTPRINT + FOOTPRINT_WORDS;
/** What of a record is stored: all but the references. */
export const STORED_FROM = LAST;

/** Words that hold whole numbers; all others between hold floats. */
export const isWhole = (word: number) =>
  word === LAST || word === FLAGS || (word >= LEARNT && word < HEAD_WORDS) || word >= FOOTPRINT;

const STRIDE = 7919;

export class Walks {
  count = 0;
  evicted = 0;
  /** The same memory, read as floats and as unsigned integers. */
  floats = new Float32Array(0);
  words = new Uint32Array(0);
  /** First walk of a source: slot + 1. */
  readonly #first: number[] = [];
  readonly #table = new SlotTable(WORDS);
  readonly #free: number[] = [];
  #slots = 0;
  #hand = 0;
  /** Newest second met by the hand. */
  #newest = 0;
  readonly #capacity: number;
  readonly #dropped: (slot: number) => void;

  constructor(capacity: number, dropped: (slot: number) => void) {
    this.#capacity = Math.max(EVICTION_SAMPLE, capacity);
    this.#dropped = dropped;
  }

  /** The slot, or -1. */
  find(source: number, endpoint: number): number {
    return this.#table.find(this.words, source, endpoint);
  }

  /** A zeroed record; -1 where the source has too many. */
  add(source: number, endpoint: number): number {
    if (this.#countOf(source) >= MAX_WALKS_PER_SOURCE) return -1;
    if (this.count >= this.#capacity) this.#evict();
    const slot = this.#free.pop() ?? this.#slots++;
    if ((slot + 1) * WORDS > this.words.length) this.#grow();
    const at = slot * WORDS;
    this.words.fill(0, at, at + WORDS);
    this.words[at + SOURCE] = source;
    this.words[at + ENDPOINT] = endpoint;
    this.#table.add(source, endpoint, slot);
    this.words[at + NEXT] = this.#first[source] ?? 0;
    this.#first[source] = slot + 1;
    this.count += 1;
    return slot;
  }

  slotsOf(source: number): number[] {
    const slots: number[] = [];
    for (let next = this.#first[source] ?? 0; next > 0; next = this.words[(next - 1) * WORDS + NEXT] ?? 0) slots.push(next - 1);
    return slots;
  }

  #countOf(source: number): number {
    let count = 0;
    for (let next = this.#first[source] ?? 0; next > 0; next = this.words[(next - 1) * WORDS + NEXT] ?? 0) count += 1;
    return count;
  }

  /** The source is gone. */
  forget(source: number): void {
    for (const slot of this.slotsOf(source)) this.#release(slot);
    this.#first[source] = 0;
  }

  #release(slot: number): void {
    this.#dropped(slot);
    this.#table.remove(this.words, slot);
    this.#free.push(slot);
    this.words.fill(0, slot * WORDS, (slot + 1) * WORDS);
    this.count -= 1;
  }

  #evict(): void {
    let least = -1;
    let leastValue = Number.POSITIVE_INFINITY;
    for (let seen = 0; seen < EVICTION_SAMPLE; ) {
      // A prime stride: the hand comes everywhere, unless it divides the number of slots; then the next slot breaks the ring.
      this.#hand = (this.#hand + (this.#slots % STRIDE === 0 ? STRIDE + 1 : STRIDE)) % this.#slots;
      const at = this.#hand * WORDS;
      const last = this.words[at + LAST] ?? 0;
      if (last === 0) continue;
      seen += 1;
      this.#newest = Math.max(this.#newest, last);
      const worth = 1 + (this.floats[at + HOURS] ?? 0) + (this.words[at + FILLED] ?? 0);
      const value = worth * 2 ** ((last - this.#newest) / VALUE_HALF_LIFE_SECONDS);
      if (value >= leastValue) continue;
      leastValue = value;
      least = this.#hand;
    }
    this.#unlink(least);
    this.#release(least);
    this.evicted += 1;
  }

  #unlink(slot: number): void {
    const source = this.words[slot * WORDS + SOURCE] ?? 0;
    const next = this.words[slot * WORDS + NEXT] ?? 0;
    if (this.#first[source] === slot + 1) {
      this.#first[source] = next;
      return;
    }
    for (const before of this.slotsOf(source)) {
      if (this.words[before * WORDS + NEXT] === slot + 1) this.words[before * WORDS + NEXT] = next;
    }
  }

  #grow(): void {
    const words = new Uint32Array(Math.max(256 * WORDS, this.words.length * 2));
    words.set(this.words);
    this.words = words;
    this.floats = new Float32Array(words.buffer);
  }
}
