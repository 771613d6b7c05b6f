/**
 * A source's walks as they are stored: what is not zero of each record, as pairs of word and value, with nine digits so that
 * a float of 32 bits comes back the same. Version 1.
 */
import { isWhole, STORED_FROM, type Walks, WORDS } from './walks.js';

export const VERSION = 1;

export interface StoredWalk {
  /** The endpoint's name. */
  e: string;
  /** Word, value, word, value, ... */
  w: number[];
  /** Wide footprint. */
  f?: string;
}

export interface StoredSource {
  v: typeof VERSION;
  /** Second when the source was first seen. */
  s: number;
  w: StoredWalk[];
}

export function storedWords({ words, floats }: Walks, slot: number): number[] {
  const stored: number[] = [];
  for (let word = STORED_FROM; word < WORDS; word += 1) {
    const value = isWhole(word) ? (words[slot * WORDS + word] ?? 0) : Number((floats[slot * WORDS + word] ?? 0).toPrecision(9));
    if (value !== 0) stored.push(word, value);
  }
  return stored;
}

export function loadWords({ words, floats }: Walks, slot: number, stored: readonly unknown[]): void {
  for (let index = 0; index + 1 < stored.length; index += 2) {
    const word = Number(stored[index]);
    const value = Number(stored[index + 1]);
    if (!Number.isInteger(word) || word < STORED_FROM || word >= WORDS || !Number.isFinite(value)) continue;
    if (isWhole(word)) words[slot * WORDS + word] = value;
    else floats[slot * WORDS + word] = value;
  }
}

/** Undefined where it is of another version or damaged. */
export function readSource(state: unknown): StoredSource | undefined {
  if (typeof state !== 'object' || state === null || !('v' in state) || state.v !== VERSION) return undefined;
  if (!('s' in state) || typeof state.s !== 'number' || !('w' in state) || !Array.isArray(state.w)) return undefined;
  const readable = state.w.every((walk: unknown) => {
    if (typeof walk !== 'object' || walk === null || !('e' in walk) || !('w' in walk)) return false;
    return typeof walk.e === 'string' && Array.isArray(walk.w) && (!('f' in walk) || typeof walk.f === 'string');
  });
  return readable ? (state as StoredSource) : undefined;
}
