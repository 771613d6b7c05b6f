/**
 * Who may stay when the model is full. Newcomers queue first in, first out in a part of their own; only those that were
 * seen again are promoted, and among the known ones the least valuable of a sample goes. So ten thousand invented actors
 * a second churn the newcomers' part alone and make nobody forgotten whom it is worth to know (after S3-FIFO, Yang et
 * al., SOSP 2023, with value instead of recency for the main part).
 */
import { EVICTION_SAMPLE, NEWCOMER_SHARE } from '../constants.js';

export interface Standing {
  /** Seen in more than one block: worth promoting. */
  seenAgain(slot: number): boolean;
  /** Greater is worth more. */
  value(slot: number): number;
  /** Must not go now (an open finding is about it). */
  pinned(slot: number): boolean;
}

export class Roster {
  #newcomers: number[] = [];
  #head = 0;
  readonly #known: number[] = [];
  readonly #standing: Standing;
  readonly #capacity: number;
  #random = 0x2545f491;

  constructor(capacity: number, standing: Standing) {
    this.#capacity = capacity;
    this.#standing = standing;
  }

  admit(slot: number): void {
    this.#newcomers.push(slot);
  }

  /** The slot to evict when there is no room for one more; it is no longer on the roster. */
  victim(): number {
    const room = Math.max(1, Math.floor(this.#capacity * NEWCOMER_SHARE));
    // Each newcomer is promoted once, so that a long walk is paid for by the admissions before it.
    for (let tries = this.#newcomers.length - this.#head; tries > 0 && this.#newcomers.length - this.#head >= room; tries -= 1) {
      const slot = this.#oldest();
      if (this.#standing.pinned(slot)) this.#newcomers.push(slot);
      else if (this.#standing.seenAgain(slot)) this.#known.push(slot);
      else return slot;
    }
    return this.#known.length > 0 ? this.#leastValuable() : this.#oldest();
  }

  #oldest(): number {
    const slot = this.#newcomers[this.#head] ?? -1;
    this.#head += 1;
    if (this.#head > 4096 && this.#head * 2 > this.#newcomers.length) {
      this.#newcomers = this.#newcomers.slice(this.#head);
      this.#head = 0;
    }
    return slot;
  }

  #leastValuable(): number {
    let least = 0;
    let leastValue = Number.POSITIVE_INFINITY;
    for (let sample = 0; sample < EVICTION_SAMPLE; sample += 1) {
      const index = this.#next() % this.#known.length;
      const slot = this.#known[index] ?? 0;
      const value = this.#standing.pinned(slot) ? Number.MAX_VALUE : this.#standing.value(slot);
      if (value < leastValue) {
        leastValue = value;
        least = index;
      }
    }
    const slot = this.#known[least] ?? -1;
    const last = this.#known.pop();
    if (last !== undefined && least < this.#known.length) this.#known[least] = last;
    return slot;
  }

  /** Xorshift (Marsaglia 2003): the sample needs no secrecy, and the model no chance. */
  #next(): number {
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    return this.#random >>> 0;
  }
}
