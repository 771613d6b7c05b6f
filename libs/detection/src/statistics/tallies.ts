/**
 * Bounded counts and small exact sets, for what is rare enough to be kept one by one: plain data, so that it can be stored
 * as it is. Both have a cap, so that their size does not depend on whatever a client sends.
 */
import { CLOCK_SLACK_SECONDS, DISTINCT_CAP } from '../constants.js';

/**
 * A sliding count in steps. Only steps that lie within the window count, the present one included, so that a sentence never
 * claims more than was seen in its time; it may forget up to one step too early.
 */
export interface Tally {
  /** Seconds of a step, and steps of the window. */
  step: number;
  steps: number;
  /** Steps that were not empty, oldest first: index and count. Two windows are kept, the older one for the chart. */
  counts: [index: number, count: number][];
}

export const newTally = (step: number, steps: number): Tally => ({ step, steps, counts: [] });

/** Adds at `second`: late ones count where they belong; a jump back of the clock by over an hour begins anew. */
export function addTo(tally: Tally, second: number, amount: number): void {
  if (amount > 0) setAt(tally, second, (before) => before + amount);
}

/** Several sources behind one address tell their own counts: the greatest of the step is taken. */
export function gaugeTo(tally: Tally, second: number, value: number): void {
  if (value > 0) setAt(tally, second, (before) => Math.max(before, value));
}

function setAt(tally: Tally, second: number, next: (before: number) => number): void {
  const { counts, step, steps } = tally;
  const index = Math.floor(second / step);
  const newest = counts.at(-1)?.[0] ?? index;
  if ((newest - index) * step > CLOCK_SLACK_SECONDS + step * steps) counts.length = 0;
  let at = counts.length;
  while (at > 0 && (counts[at - 1]?.[0] ?? 0) > index) at -= 1;
  const known = counts[at - 1];
  if (known?.[0] === index) known[1] = next(known[1]);
  else counts.splice(at, 0, [index, next(0)]);
  while (counts.length > 2 * steps || (counts[0]?.[0] ?? index) <= index - 2 * steps) counts.shift();
}

export function countOf({ counts, step, steps }: Tally, second: number): number {
  const newest = Math.floor(second / step);
  let sum = 0;
  for (let at = counts.length - 1; at >= 0; at -= 1) {
    const [index, count] = counts[at] as [number, number];
    if (index <= newest - steps) break;
    if (index <= newest) sum += count;
  }
  return sum;
}

/** Takes back what turned out to be harmless, the newest first. */
export function takeFrom({ counts }: Tally, amount: number): void {
  let left = amount;
  while (left > 0 && counts.length > 0) {
    const last = counts[counts.length - 1] as [number, number];
    const taken = Math.min(left, last[1]);
    left -= taken;
    last[1] -= taken;
    if (last[1] > 0) return;
    counts.pop();
  }
}

/** The count at the end of each step that was not empty, oldest first: seconds and counts. */
export function courseOf(tally: Tally): [second: number, count: number][] {
  return tally.counts.map(([index]) => [(index + 1) * tally.step, countOf(tally, (index + 1) * tally.step - 1)]);
}

/** Distinct texts with the second each was last seen, at most DISTINCT_CAP. */
export type Distinct = [text: string, second: number][];

/** Notes a text. `known`: it was there; `full`: there is no room, and all others are newer than `oldest`. */
export function addDistinct(set: Distinct, text: string, second: number, oldest: number): 'new' | 'known' | 'full' {
  const entry = set.find(([known]) => known === text);
  if (entry) {
    entry[1] = Math.max(entry[1], second);
    return 'known';
  }
  if (set.length >= DISTINCT_CAP) {
    const eldest = set.reduce((least, candidate, index) => (candidate[1] < (set[least]?.[1] ?? 0) ? index : least), 0);
    if ((set[eldest]?.[1] ?? 0) > oldest) return 'full';
    set.splice(eldest, 1);
  }
  set.push([text, second]);
  return 'new';
}

export const distinctSince = (set: Distinct, second: number) =>
  set.reduce((count, [, seen]) => count + (seen > second ? 1 : 0), 0);
