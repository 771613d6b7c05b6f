/**
 * Small decayed counters of stage two as plain data (they are stored as they are): sliding counts of two buckets with the
 * last closed buckets for the chart, and exact distinct sets with a cap. O(1) memory, whatever a client sends.
 */
import { DISTINCT_CAP, RING } from '../constants.js';

/** A sliding count over `window` seconds: the present bucket and the covered part of the previous one. */
export interface Tally {
  window: number;
  /** Index of the present bucket. */
  bucket: number;
  current: number;
  previous: number;
  /** Closed buckets that were not empty, oldest first: index and count. */
  closed: [bucket: number, count: number][];
}

export const newTally = (window: number): Tally => ({ window, bucket: 0, current: 0, previous: 0, closed: [] });

/** Adds at `second`; a second before the present bucket counts in the present one, a jump back by over an hour restarts. */
export function addTo(tally: Tally, second: number, amount: number): void {
  const bucket = Math.floor(second / tally.window);
  if (bucket > tally.bucket || (tally.bucket - bucket) * tally.window > 3600 + tally.window) {
    if (tally.current > 0) tally.closed.push([tally.bucket, tally.current]);
    if (tally.closed.length > RING) tally.closed.shift();
    tally.previous = bucket === tally.bucket + 1 ? tally.current : 0;
    tally.current = 0;
    tally.bucket = bucket;
  }
  tally.current += amount;
}

export function countOf(tally: Tally, second: number): number {
  const bucket = Math.floor(second / tally.window);
  const covered = 1 - (second % tally.window) / tally.window;
  if (bucket === tally.bucket) return tally.current + Math.floor(tally.previous * covered);
  if (bucket === tally.bucket + 1) return Math.floor(tally.current * covered);
  return bucket < tally.bucket ? tally.current : 0;
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

export function dropDistinct(set: Distinct, text: string): void {
  const index = set.findIndex(([known]) => known === text);
  if (index >= 0) set.splice(index, 1);
}
