/**
 * The peaks of a pair's last closed blocks, a byte each, the newest first: for the sentence's picture, and for what was
 * flagged before a verdict. A block that opens moves the others on by the blocks since; how far is only noted in the
 * record's flags, and done when it closes, so that a request does not touch this memory.
 */
import { RING } from '../constants.js';
import { FLAGS, type Pairs } from './pairs.js';

/** Four bits a window of the flags: how far the open block moves the chart on. */
const MOVES = 11;
const MOVE_BITS = 4;
const MOVE = 2 ** MOVE_BITS - 1;

export class Chart {
  readonly #pairs: Pairs;

  constructor(pairs: Pairs) {
    this.#pairs = pairs;
  }

  /** A block opens, so many blocks after the last. */
  open(slot: number, window: number, passed: number): void {
    const flags = this.#pairs.at(slot) + FLAGS;
    const cleared = (this.#pairs.words[flags] ?? 0) & ~(MOVE << shiftOf(window));
    this.#pairs.words[flags] = cleared | (Math.min(RING, passed) << shiftOf(window));
  }

  /** The open block closes with this peak. */
  close(slot: number, window: number, peak: number): void {
    const { charts, words } = this.#pairs;
    const flags = this.#pairs.at(slot) + FLAGS;
    const move = this.#moveOf(slot, window);
    const from = this.#pairs.chartAt(slot, window);
    for (let index = RING - 1; index >= move; index -= 1) charts[from + index] = charts[from + index - move] ?? 0;
    for (let index = 0; index < move; index += 1) charts[from + index] = 0;
    charts[from] = encodePeak(peak);
    words[flags] = (words[flags] ?? 0) & ~(MOVE << shiftOf(window));
  }

  /** The peak of the block so many before the last one that opened; 0 where it is not remembered. */
  peak(slot: number, window: number, index: number): number {
    const place = index - this.#moveOf(slot, window);
    return place < 0 || index >= RING ? 0 : decodePeak(this.#pairs.charts[this.#pairs.chartAt(slot, window) + place] ?? 0);
  }

  greatest(slot: number, window: number): number {
    let greatest = 0;
    for (let index = 0; index < RING; index += 1) greatest = Math.max(greatest, this.peak(slot, window, index));
    return greatest;
  }

  #moveOf(slot: number, window: number): number {
    return ((this.#pairs.words[this.#pairs.at(slot) + FLAGS] ?? 0) >>> shiftOf(window)) & MOVE;
  }
}

const shiftOf = (window: number) => MOVES + window * MOVE_BITS;

/** One byte a peak: exact to 127, then logarithmic steps of 6 % up to about 200,000. */
export function encodePeak(peak: number): number {
  if (peak < 128) return Math.round(Math.max(0, peak));
  return Math.min(255, 128 + Math.round(12 * Math.log2(peak / 128)));
}

export function decodePeak(code: number): number {
  return code < 128 ? code : Math.round(128 * 2 ** ((code - 128) / 12));
}
