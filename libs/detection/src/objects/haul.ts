/**
 * What one source took from one endpoint in large answers: sliding sums of bytes over an hour and a day, with the answers
 * behind them, the peaks of the open blocks, and what the closed ones taught (sums of logarithms). Plain data, stored as it is.
 */
import { MEMORY_SECONDS } from '../constants.js';
import { HAUL_WINDOWS } from './constants.js';

/** Of the present bucket and the one before. */
type Pair = [current: number, previous: number];

export interface HaulWindow {
  bytes: Pair;
  large: Pair;
  others: Pair;
  peak: number;
  /** Closed blocks, sum and sum of squares of ln(peak), discounted. */
  sums: [blocks: number, sum: number, squares: number];
  /** The greatest peak that was over the limit. */
  told: number;
  open: boolean;
  flagged: boolean;
  held: boolean;
}

export interface Haul {
  /** The endpoint's name. */
  endpoint: string;
  /** Second of the newest answer. */
  last: number;
  learnt: number;
  /** Second when it was over the limit last. */
  charged: number;
  windows: HaulWindow[];
}

export function newHaul(endpoint: string, second: number): Haul {
  const windows = HAUL_WINDOWS.map((): HaulWindow => {
    const nothing = { bytes: [0, 0], large: [0, 0], others: [0, 0] } satisfies Record<string, Pair>;
    return { ...nothing, peak: 0, sums: [0, 0, 0], told: 0, open: false, flagged: false, held: false };
  });
  return { endpoint, last: second, learnt: 0, charged: 0, windows };
}

const secondsOf = (window: number) => HAUL_WINDOWS[window]?.seconds ?? 1;
export const haulBlock = (window: number, second: number) => Math.floor(second / secondsOf(window));

/** Bytes, large answers and others within the window that ends at `second`. */
export function taken(haul: Haul, window: number, second: number): { bytes: number; large: number; others: number } {
  const state = haul.windows[window];
  const behind = haulBlock(window, second) - haulBlock(window, haul.last);
  if (!state || behind < 0 || behind > 1) return { bytes: 0, large: 0, others: 0 };
  const covered = 1 - (second % secondsOf(window)) / secondsOf(window);
  const of = ([current, previous]: Pair) => (behind === 0 ? current + previous * covered : current * covered);
  return { bytes: of(state.bytes), large: of(state.large), others: of(state.others) };
}

/** Moves the windows to `second`; blocks that end with that are closed before. */
export function moveTo(haul: Haul, second: number): void {
  haul.windows.forEach((state, window) => {
    const behind = haulBlock(window, second) - haulBlock(window, haul.last);
    if (behind === 0) return;
    for (const pair of [state.bytes, state.large, state.others]) {
      pair[1] = behind === 1 ? pair[0] : 0;
      pair[0] = 0;
    }
  });
  haul.last = second;
}

export function count(haul: Haul, bytes: number, large: boolean): void {
  haul.windows.forEach((state, window) => {
    (large ? state.large : state.others)[0] += 1;
    if (!large) return;
    state.bytes[0] += bytes;
    state.peak = Math.max(state.peak, taken(haul, window, haul.last).bytes);
  });
}

/** Adds a closed block's peak to the discounted sums of its window. */
export function learnPeak(haul: Haul, window: number, peak: number, second: number): void {
  const decay = second > haul.learnt ? 2 ** ((haul.learnt - second) / MEMORY_SECONDS) : 1;
  for (const { sums } of haul.windows) for (let index = 0; index < 3; index += 1) sums[index] = (sums[index] ?? 0) * decay;
  haul.learnt = Math.max(haul.learnt, second);
  const sums = haul.windows[window]?.sums;
  const size = Math.log(Math.max(1, peak));
  if (!sums) return;
  sums[0] += 1;
  sums[1] += size;
  sums[2] += size * size;
}

/** A stored haul; undefined where it cannot be read. */
export function readHaul(state: unknown): Haul | undefined {
  if (typeof state !== 'object' || state === null) return undefined;
  const haul = state as Haul;
  const numbers = [haul.last, haul.learnt, haul.charged].every((value) => Number.isFinite(value));
  if (typeof haul.endpoint !== 'string' || !numbers || !Array.isArray(haul.windows)) return undefined;
  return haul.windows.length === HAUL_WINDOWS.length ? haul : undefined;
}
