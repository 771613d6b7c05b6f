/**
 * What pairs had learnt before an alert about them opened, so that a confirmed attack leaves nothing behind: eighteen words
 * a pair, the second of the copy first and the greatest peaks accused since last. Stored with the pair's record, bounded, dropped after a fortnight.
 */
import { WINDOWS } from '../constants.js';
import { COPY_SECONDS, MAX_COPIES } from './constants.js';
import { HOURLY, LEARNT, type Pairs, TAUGHT_FLOATS } from './pairs.js';

/** Words of a copy: its second, when was learnt, when an hour was, what was taught, and the peaks as floats. */
const TAUGHT_AT = 3;
const PEAKS_AT = TAUGHT_AT + TAUGHT_FLOATS;
const COPY_WORDS = PEAKS_AT + WINDOWS.length;
export const COPY_BYTES = COPY_WORDS * 4;

export class Copies {
  /** By slot, the oldest first. */
  readonly #copies = new Map<number, Uint8Array>();
  readonly #pairs: Pairs;

  constructor(pairs: Pairs) {
    this.#pairs = pairs;
  }

  of(slot: number): Uint8Array | undefined {
    return this.#copies.size === 0 ? undefined : this.#copies.get(slot);
  }

  /** The pair is accused: keeps a copy, unless there is one that is not too old. */
  keep(slot: number, second: number): void {
    const known = this.#copies.get(slot);
    if (known && second - secondOf(known) < COPY_SECONDS) return;
    const { words, taughtWords } = this.#pairs;
    const copy = new Uint32Array(COPY_WORDS);
    const at = this.#pairs.at(slot);
    const taught = this.#pairs.taughtAt(slot);
    copy.set([second, words[at + LEARNT] ?? 0, words[at + HOURLY] ?? 0]);
    copy.set(taughtWords.subarray(taught, taught + TAUGHT_FLOATS), TAUGHT_AT);
    this.put(slot, new Uint8Array(copy.buffer));
  }

  put(slot: number, copy: Uint8Array): void {
    this.#copies.delete(slot);
    this.#copies.set(slot, copy);
    if (this.#copies.size <= MAX_COPIES) return;
    const [oldest = -1] = this.#copies.keys();
    this.#copies.delete(oldest);
  }

  drop(slot: number): void {
    if (this.#copies.size > 0) this.#copies.delete(slot);
  }

  /** A block in which the pair was accused, or refused by a bouncer for it, has closed. */
  note(slot: number, window: number, peak: number): void {
    const copy = this.#copies.get(slot);
    if (copy) peaksOf(copy).setFloat32(4 * window, Math.max(peak, this.worst(slot, window)), true);
  }

  /** The greatest peak that was accused since the copy was made. */
  worst(slot: number, window: number): number {
    const copy = this.#copies.get(slot);
    return copy ? peaksOf(copy).getFloat32(4 * window, true) : 0;
  }

  /** The pair forgets what it learnt since, if there is a copy from before `until`. */
  restore(slot: number, until: number): boolean {
    const known = this.#copies.get(slot);
    if (!known || secondOf(known) > until) return false;
    const copy = new Uint32Array(known.buffer, known.byteOffset, COPY_WORDS);
    const { words, taughtWords } = this.#pairs;
    const at = this.#pairs.at(slot);
    words[at + LEARNT] = copy[1] ?? 0;
    words[at + HOURLY] = copy[2] ?? 0;
    taughtWords.set(copy.subarray(TAUGHT_AT, PEAKS_AT), this.#pairs.taughtAt(slot));
    this.#copies.delete(slot);
    return true;
  }
}

/** The last three words: a float for each window. */
const peaksOf = (copy: Uint8Array) => new DataView(copy.buffer, copy.byteOffset + 4 * PEAKS_AT);
const secondOf = (copy: Uint8Array) => new DataView(copy.buffer, copy.byteOffset).getUint32(0, true);
