/**
 * Sums that are the same in whatever order they are added: each part is rounded to a multiple of a power of two, and sums of
 * such multiples are exact while they stay below 2^53 of them (8.6e9 for FINE, 8.8e12 for COARSE).
 * Shards tell in no fixed order, and a last digit may decide about a limit.
 */
const FINE = 2 ** 20;
const COARSE = 2 ** 10;

/** For weights, counts and logarithms. */
export const fine = (value: number): number => Math.round(value * FINE) / FINE;
/** For squares. */
export const coarse = (value: number): number => Math.round(value * COARSE) / COARSE;
