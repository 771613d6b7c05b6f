/**
 * Finds the record of a source and an endpoint: an open addressing table of hashes and slots. Records lie in one buffer,
 * each begins with its source and its endpoint. The hash stands beside the slot, so that a probe touches no record but the
 * one that is looked for: each would be a walk to memory that no cache holds. An entry costs 8 bytes, 12 to 24 a record.
 */

/** Words of a record that the table reads. */
export const SOURCE = 0;
export const ENDPOINT = 1;

const LEAST_ENTRIES = 64;

export class SlotTable {
  count = 0;
  /** Words of a record. */
  readonly #stride: number;
  /** Entries of two: the hash, and the slot + 1, 0 where the entry is free. */
  #entries = new Int32Array(2 * LEAST_ENTRIES);

  constructor(stride: number) {
    this.#stride = stride;
  }

  /** The slot, or -1. */
  find(words: Uint32Array, source: number, endpoint: number): number {
    const entries = this.#entries;
    const mask = entries.length - 2;
    const hash = hashOf(source, endpoint);
    for (let index = (hash << 1) & mask; ; index = (index + 2) & mask) {
      const slot = (entries[index + 1] ?? 0) - 1;
      if (slot < 0) return -1;
      if (entries[index] !== hash) continue;
      const at = slot * this.#stride;
      if (words[at + SOURCE] === source && words[at + ENDPOINT] === endpoint) return slot;
    }
  }

  /** Where the record probably is, without touching it; -1 where there is none. */
  likely(source: number, endpoint: number): number {
    const entries = this.#entries;
    const mask = entries.length - 2;
    const hash = hashOf(source, endpoint);
    for (let index = (hash << 1) & mask; ; index = (index + 2) & mask) {
      const slot = (entries[index + 1] ?? 0) - 1;
      if (slot < 0 || entries[index] === hash) return slot;
    }
  }

  /** Of a record that is not there. */
  add(source: number, endpoint: number, slot: number): void {
    this.count += 1;
    // At most two thirds full: probes stay short.
    if (this.count * 3 > this.#entries.length) this.#enlarge();
    this.#place(hashOf(source, endpoint), slot + 1);
  }

  /** The record of the slot says still whose it is. */
  remove(words: Uint32Array, slot: number): void {
    const mask = this.#entries.length - 2;
    const at = slot * this.#stride;
    let hole = (hashOf(words[at + SOURCE] ?? 0, words[at + ENDPOINT] ?? 0) << 1) & mask;
    while (this.#entries[hole + 1] !== slot + 1) hole = (hole + 2) & mask;
    this.#closeGap(hole, mask);
    this.count -= 1;
  }

  #place(hash: number, entry: number): void {
    const mask = this.#entries.length - 2;
    let index = (hash << 1) & mask;
    while ((this.#entries[index + 1] ?? 0) > 0) index = (index + 2) & mask;
    this.#entries[index] = hash;
    this.#entries[index + 1] = entry;
  }

  /** Moves later entries of the probe sequence back over the hole (Knuth, TAOCP 3, 6.4, algorithm R). */
  #closeGap(gap: number, mask: number): void {
    const entries = this.#entries;
    let hole = gap;
    for (let index = (hole + 2) & mask; ; index = (index + 2) & mask) {
      const hash = entries[index] ?? 0;
      const entry = entries[index + 1] ?? 0;
      if (entry === 0) break;
      const home = (hash << 1) & mask;
      if (((index - home) & mask) < ((index - hole) & mask)) continue;
      entries[hole] = hash;
      entries[hole + 1] = entry;
      hole = index;
    }
    entries[hole] = 0;
    entries[hole + 1] = 0;
  }

  #enlarge(): void {
    const before = this.#entries;
    this.#entries = new Int32Array(before.length * 2);
    for (let index = 0; index < before.length; index += 2) {
      const entry = before[index + 1] ?? 0;
      if (entry > 0) this.#place(before[index] ?? 0, entry);
    }
  }
}

/** Mixes both numbers (the finaliser of MurmurHash3, A. Appleby, public domain). */
function hashOf(source: number, endpoint: number): number {
  let mixed = Math.imul(source, 0x9e3779b1) ^ Math.imul(endpoint + 1, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0xc2b2ae35);
  return mixed ^ (mixed >>> 15);
}
