/**
 * Which objects a walk has met, as a bitmap: an object is new where its bit is not set. Objects that share a bit are made
 * up for by weight (an object found new while a quarter of the bits is set counts 4/3), which keeps the count right on
 * average (the martingale estimator of Ting, KDD 2014). Few bits for most; walks that fill half of them get many more.
 */
import { FOOTPRINT_WORDS, MAX_WIDE, WIDE_WORDS } from './constants.js';
import { FILLED, FOOTPRINT, type Walks, WORDS } from './walks.js';

const BITS = FOOTPRINT_WORDS * 32;
const WIDE_BITS = WIDE_WORDS * 32;
/** The wide form uses other bits of the hash than the first. */
const WIDE_SHIFT = 9;

interface Wide {
  bits: Uint32Array;
  filled: number;
}

export class Footprints {
  readonly #walks: () => Walks;
  readonly #wide = new Map<number, Wide>();

  constructor(walks: () => Walks) {
    this.#walks = walks;
  }

  has(slot: number, hash: number): boolean {
    const bit = hash & (BITS - 1);
    if ((((this.#walks().words[slot * WORDS + FOOTPRINT + (bit >>> 5)] ?? 0) >>> (bit & 31)) & 1) === 1) return true;
    const wide = this.#wide.size === 0 ? undefined : this.#wide.get(slot);
    if (!wide) return false;
    const place = (hash >>> WIDE_SHIFT) & (WIDE_BITS - 1);
    return (((wide.bits[place >>> 5] ?? 0) >>> (place & 31)) & 1) === 1;
  }

  /** What the next new object counts. */
  weight(slot: number): number {
    const filled = this.#walks().words[slot * WORDS + FILLED] ?? 0;
    const wide = this.#wide.size === 0 ? undefined : this.#wide.get(slot);
    return 1 / ((1 - filled / BITS) * (1 - (wide?.filled ?? 0) / WIDE_BITS));
  }

  /** Notes an object that is new. */
  add(slot: number, hash: number): void {
    const { words } = this.#walks();
    const at = slot * WORDS;
    if ((words[at + FILLED] ?? 0) * 2 <= BITS) {
      const bit = hash & (BITS - 1);
      words[at + FOOTPRINT + (bit >>> 5)] = (words[at + FOOTPRINT + (bit >>> 5)] ?? 0) | (1 << (bit & 31));
      words[at + FILLED] = (words[at + FILLED] ?? 0) + 1;
      return;
    }
    const wide = this.#wideOf(slot);
    const place = (hash >>> WIDE_SHIFT) & (WIDE_BITS - 1);
    wide.bits[place >>> 5] = (wide.bits[place >>> 5] ?? 0) | (1 << (place & 31));
    wide.filled += 1;
  }

  drop(slot: number): void {
    this.#wide.delete(slot);
  }

  /** The wide form as text, undefined where there is none. */
  stored(slot: number): string | undefined {
    const wide = this.#wide.get(slot);
    return wide && Array.from(wide.bits, (word) => word.toString(36)).join(' ');
  }

  load(slot: number, text: string): void {
    const bits = new Uint32Array(WIDE_WORDS);
    const words = text.split(' ').slice(0, WIDE_WORDS);
    words.forEach((word, index) => {
      bits[index] = Number.parseInt(word, 36) || 0;
    });
    let filled = 0;
    for (const word of bits) for (let rest = word; rest !== 0; rest &= rest - 1) filled += 1;
    this.#wide.set(slot, { bits, filled });
  }

  /** Begun anew when three quarters are filled; beyond the cap the eldest goes, and its objects count as new again. */
  #wideOf(slot: number): Wide {
    const known = this.#wide.get(slot);
    if (known && known.filled * 4 <= WIDE_BITS * 3) return known;
    if (!known && this.#wide.size >= MAX_WIDE) {
      const [eldest = slot] = this.#wide.keys();
      this.#wide.delete(eldest);
    }
    const wide = { bits: new Uint32Array(WIDE_WORDS), filled: 0 };
    this.#wide.set(slot, wide);
    return wide;
  }
}
