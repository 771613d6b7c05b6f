/**
 * Storage of the pairs (source x endpoint): fixed records of 37 words of 32 bits in one buffer, found through an open
 * addressing table of slot numbers, linked by source. A record costs 148 bytes, an entry of the table 8 to 16; a million
 * pairs need no object each. The buffer doubles until the model's cap is reached.
 */
export const SOURCE = 0;
export const ENDPOINT = 1;
/** Next pair of the same source: slot + 1, 0 at the end. */
export const NEXT = 2;
/** Second of the newest log. */
export const LAST = 3;
/** Second up to which the sums are discounted. */
export const LEARNT = 4;
export const FLAGS = 5;
/** Words of one window, from `windowAt`: three floats of the present, three discounted sums, the ring of closed peaks. */
export const CURRENT = 0;
export const PREVIOUS = 1;
export const PEAK = 2;
export const BLOCKS = 3;
export const SUM = 4;
export const SQUARES = 5;
export const RING_WORD = 6;

const WINDOW_WORDS = 9;
/** What is kept of a pair when an alert about it opens: see copies.ts. */
export const COPY_BYTES = 18 * 4;
const HEAD_WORDS = 6;
/** The slow reference: sums of the logarithms of the hours' peaks and of their squares, its limit (a logarithm), its second. */
export const LOGS = HEAD_WORDS + 3 * WINDOW_WORDS;
export const LOG_SQUARES = LOGS + 1;
export const CEILING = LOGS + 2;
export const HOURLY = LOGS + 3;
export const WORDS = LOGS + 4;
/** Source of a free slot. */
const NOBODY = 0xffffffff;
/** What of a record is written to storage: all but the references. */
const STORED_FROM = LAST;
/** First byte of a stored record: the version of this layout. Version 1 had no slow reference. */
const VERSION = 2;
const LENGTHS: Readonly<Record<number, number>> = { 1: 1 + (LOGS - STORED_FROM) * 4, 2: 1 + (WORDS - STORED_FROM) * 4 };

export const windowAt = (window: number) => HEAD_WORDS + window * WINDOW_WORDS;

export class Pairs {
  count = 0;
  /** The same memory, read as floats, unsigned integers and bytes. */
  floats = new Float32Array(0);
  words = new Uint32Array(0);
  bytes = new Uint8Array(0);
  #table = new Int32Array(64);
  #slots = 0;
  readonly #free: number[] = [];

  /** Start of the slot's record, in words. */
  at(slot: number): number {
    return slot * WORDS;
  }

  /** The slot, or -1. */
  find(source: number, endpoint: number): number {
    const mask = this.#table.length - 1;
    for (let index = hash(source, endpoint) & mask; ; index = (index + 1) & mask) {
      const slot = (this.#table[index] ?? 0) - 1;
      if (slot < 0) return -1;
      const at = slot * WORDS;
      if (this.words[at + SOURCE] === source && this.words[at + ENDPOINT] === endpoint) return slot;
    }
  }

  /** A zeroed record for a pair that is not there. */
  add(source: number, endpoint: number): number {
    const slot = this.#free.pop() ?? this.#slots++;
    if ((slot + 1) * WORDS > this.words.length) this.#grow();
    const at = slot * WORDS;
    this.words.fill(0, at, at + WORDS);
    this.words[at + SOURCE] = source;
    this.words[at + ENDPOINT] = endpoint;
    this.count += 1;
    if (this.count * 2 > this.#table.length) this.#enlargeTable();
    this.#place(slot);
    return slot;
  }

  remove(slot: number): void {
    const mask = this.#table.length - 1;
    const at = slot * WORDS;
    let hole = hash(this.words[at + SOURCE] ?? 0, this.words[at + ENDPOINT] ?? 0) & mask;
    while (this.#table[hole] !== slot + 1) hole = (hole + 1) & mask;
    this.#closeGap(hole, mask);
    this.words[at + SOURCE] = NOBODY;
    this.#free.push(slot);
    this.count -= 1;
  }

  /** Whether the slot holds this pair still. */
  holds(slot: number, source: number, endpoint: number): boolean {
    const at = slot * WORDS;
    return slot >= 0 && this.words[at + SOURCE] === source && this.words[at + ENDPOINT] === endpoint;
  }

  /** Every slot in use. */
  *slots(): Iterable<number> {
    for (const entry of this.#table) if (entry > 0) yield entry - 1;
  }

  /** @param copy what was learnt before an alert opened, where it is kept */
  stored(slot: number, copy?: Uint8Array): Uint8Array {
    const start = (slot * WORDS + STORED_FROM) * 4;
    const length = 1 + (WORDS - STORED_FROM) * 4;
    const state = new Uint8Array(length + (copy?.length ?? 0));
    state[0] = VERSION;
    state.set(this.bytes.subarray(start, start + length - 1), 1);
    if (copy) state.set(copy, length);
    return state;
  }

  /** The copy that was stored along, if any. False where the state is of another version or length. */
  load(slot: number, state: Uint8Array): Uint8Array | boolean {
    const length = Pairs.#lengthOf(state);
    if (length === undefined) return false;
    this.bytes.set(state.subarray(1, length), (slot * WORDS + STORED_FROM) * 4);
    return state.length > length ? state.slice(length) : true;
  }

  static readable(state: Uint8Array): boolean {
    return Pairs.#lengthOf(state) !== undefined;
  }

  static #lengthOf(state: Uint8Array): number | undefined {
    const length = LENGTHS[state[0] ?? 0];
    const copied = state.length - (length ?? 0);
    return copied === 0 || (copied === COPY_BYTES && state[0] === VERSION) ? length : undefined;
  }

  #place(slot: number): void {
    const mask = this.#table.length - 1;
    const at = slot * WORDS;
    let index = hash(this.words[at + SOURCE] ?? 0, this.words[at + ENDPOINT] ?? 0) & mask;
    while ((this.#table[index] ?? 0) > 0) index = (index + 1) & mask;
    this.#table[index] = slot + 1;
  }

  /** Moves later entries of the probe sequence back over the hole (Knuth, TAOCP 3, 6.4, algorithm R). */
  #closeGap(gap: number, mask: number): void {
    let hole = gap;
    for (let index = (hole + 1) & mask; ; index = (index + 1) & mask) {
      const entry = this.#table[index] ?? 0;
      if (entry === 0) break;
      const at = (entry - 1) * WORDS;
      const home = hash(this.words[at + SOURCE] ?? 0, this.words[at + ENDPOINT] ?? 0) & mask;
      if (((index - home) & mask) >= ((index - hole) & mask)) {
        this.#table[hole] = entry;
        hole = index;
      }
    }
    this.#table[hole] = 0;
  }

  #enlargeTable(): void {
    const slots = [...this.slots()];
    this.#table = new Int32Array(this.#table.length * 2);
    for (const slot of slots) this.#place(slot);
  }

  #grow(): void {
    const words = new Uint32Array(Math.max(256 * WORDS, this.words.length * 2));
    words.set(this.words);
    this.words = words;
    this.floats = new Float32Array(words.buffer);
    this.bytes = new Uint8Array(words.buffer);
  }
}

/** Mixes both numbers (the finaliser of MurmurHash3, A. Appleby, public domain). */
function hash(source: number, endpoint: number): number {
  let mixed = Math.imul(source, 0x9e3779b1) ^ Math.imul(endpoint + 1, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
