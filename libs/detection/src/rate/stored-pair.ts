/**
 * A pair as it is stored: a byte for the version, a bit for each word that is not zero, these words, and what was learnt
 * before an alert opened, if it is kept (copies.ts). A young pair takes some 40 bytes, one with a history about 100.
 * Versions 1 and 2 held every word; version 1 had no slow reference. They are still read, as they were written.
 */
import { RING, WINDOWS } from '../constants.js';
import { COPY_BYTES } from './copies.js';
import { FLAGS, HOURLY, LAST, LEARNT, LOGS, type Pairs, sumsAt, windowAt } from './pairs.js';

const VERSION = 3;
/** Words of a window in a row: three of the present, three sums, the chart. */
const WINDOW_WORDS = 6 + RING / 4;
const HEAD_WORDS = 3;
/** Words that version 1 had, and all. */
const OLD_WORDS = HEAD_WORDS + WINDOWS.length * WINDOW_WORDS;
const ROW_WORDS = OLD_WORDS + 4;
const OLD_LENGTHS: Readonly<Record<number, number>> = { 1: 1 + OLD_WORDS * 4, 2: 1 + ROW_WORDS * 4 };
const MARK_BYTES = Math.ceil(ROW_WORDS / 8);

/** The words of a pair one after another, in an order that no version has changed: all but the references. */
const row = new Uint32Array(ROW_WORDS);
const rowBytes = new Uint8Array(row.buffer);

export function storedPair(pairs: Pairs, slot: number, copy?: Uint8Array): Uint8Array {
  read(pairs, slot);
  let used = 0;
  for (let word = 0; word < ROW_WORDS; word += 1) if (row[word] !== 0) used += 1;
  const length = 1 + MARK_BYTES + used * 4;
  const state = new Uint8Array(length + (copy?.length ?? 0));
  state[0] = VERSION;
  let to = 1 + MARK_BYTES;
  for (let word = 0; word < ROW_WORDS; word += 1) {
    if (row[word] === 0) continue;
    state[1 + (word >> 3)] = (state[1 + (word >> 3)] ?? 0) | (1 << (word & 7));
    for (let byte = word * 4; byte < word * 4 + 4; byte += 1) state[to++] = rowBytes[byte] ?? 0;
  }
  if (copy) state.set(copy, length);
  return state;
}

/** The copy that was stored along, if any. False where the state is of another version or length. */
export function loadPair(pairs: Pairs, slot: number, state: Uint8Array): Uint8Array | boolean {
  const length = lengthOf(state);
  if (length === undefined) return false;
  row.fill(0);
  if (state[0] !== VERSION) rowBytes.set(state.subarray(1, length));
  else {
    let from = 1 + MARK_BYTES;
    for (let word = 0; word < ROW_WORDS; word += 1) {
      if (!isMarked(state, word)) continue;
      for (let byte = word * 4; byte < word * 4 + 4; byte += 1) rowBytes[byte] = state[from++] ?? 0;
    }
  }
  write(pairs, slot);
  return state.length > length ? state.slice(length) : true;
}

export const isReadable = (state: Uint8Array) => lengthOf(state) !== undefined;

const isMarked = (state: Uint8Array, word: number) => ((state[1 + (word >> 3)] ?? 0) & (1 << (word & 7))) !== 0;

function lengthOf(state: Uint8Array): number | undefined {
  let length = OLD_LENGTHS[state[0] ?? 0];
  if (state[0] === VERSION) {
    length = 1 + MARK_BYTES;
    for (let word = 0; word < ROW_WORDS; word += 1) if (isMarked(state, word)) length += 4;
  }
  const copied = state.length - (length ?? 0);
  return copied === 0 || (copied === COPY_BYTES && state[0] !== 1) ? length : undefined;
}

function read(pairs: Pairs, slot: number): void {
  const { words, taughtWords, charts } = pairs;
  const at = pairs.at(slot);
  const taught = pairs.taughtAt(slot);
  row[0] = words[at + LAST] ?? 0;
  row[1] = words[at + LEARNT] ?? 0;
  row[2] = words[at + FLAGS] ?? 0;
  for (let window = 0; window < WINDOWS.length; window += 1) {
    const start = HEAD_WORDS + window * WINDOW_WORDS;
    for (let word = 0; word < 3; word += 1) {
      row[start + word] = words[at + windowAt(window) + word] ?? 0;
      row[start + 3 + word] = taughtWords[taught + sumsAt(window) + word] ?? 0;
    }
    const chart = pairs.chartAt(slot, window);
    for (let byte = 0; byte < RING; byte += 1) rowBytes[(start + 6) * 4 + byte] = charts[chart + byte] ?? 0;
  }
  for (let word = 0; word < 3; word += 1) row[OLD_WORDS + word] = taughtWords[taught + LOGS + word] ?? 0;
  row[OLD_WORDS + 3] = words[at + HOURLY] ?? 0;
}

function write(pairs: Pairs, slot: number): void {
  const { words, taughtWords, charts } = pairs;
  const at = pairs.at(slot);
  const taught = pairs.taughtAt(slot);
  words[at + LAST] = row[0] ?? 0;
  words[at + LEARNT] = row[1] ?? 0;
  words[at + FLAGS] = row[2] ?? 0;
  for (let window = 0; window < WINDOWS.length; window += 1) {
    const start = HEAD_WORDS + window * WINDOW_WORDS;
    for (let word = 0; word < 3; word += 1) {
      words[at + windowAt(window) + word] = row[start + word] ?? 0;
      taughtWords[taught + sumsAt(window) + word] = row[start + 3 + word] ?? 0;
    }
    charts.set(rowBytes.subarray((start + 6) * 4, (start + WINDOW_WORDS) * 4), pairs.chartAt(slot, window));
  }
  for (let word = 0; word < 3; word += 1) taughtWords[taught + LOGS + word] = row[OLD_WORDS + word] ?? 0;
  words[at + HOURLY] = row[OLD_WORDS + 3] ?? 0;
}
