/**
 * How much may be taken from an endpoint in large answers: what a source takes in an hour or a day is lognormal.
 *
 *   sizes     m0 = ln 3 + mean, s0 = spread          three answers; so that without any haul known the limit is three answers
 *                                                    of the size that one in a million has
 *   everyone  m1 = (20 m0 + W mean) / (20 + W)       W closed blocks of all sources with large answers; s1² likewise
 *   own       m2 = (4 m1 + S) / (4 + N)              N own closed blocks; s2² likewise, and the uncertainty of the mean
 *   limit     exp(m2 + 4.75 s2), the distance stretched by sensitivity / 1.5; at least a megabyte
 */
import { PLAIN_SENSITIVITY } from '../constants.js';
import {
  AGAIN,
  EXTREME_SPREADS,
  HAUL_ANSWERS,
  HAUL_OWN_BLOCKS,
  HAUL_PRIOR_BLOCKS,
  HAUL_WINDOWS,
  LEAST_HAUL_BYTES,
} from './constants.js';
import type { Haul } from './haul.js';
import type { Sizes } from './sizes.js';

export interface HaulLimit {
  expected: number;
  limit: number;
  /** Closed blocks. */
  own: number;
  population: number;
  /** Bytes that everyone takes. */
  everyone: number;
}

/** What was over the limit is told once; while it goes on it is held to the plain limit. */
const QUIET_SECONDS = 3600;

export function haulLimit(haul: Haul | undefined, window: number, sizes: Sizes, second: number, sensitivity: number): HaulLimit {
  const others = sizes.everyone.of(HAUL_WINDOWS[window]?.measure ?? '');
  const mean0 = Math.log(HAUL_ANSWERS) + sizes.mean;
  const blocks = others?.blocks ?? 0;
  const weight = HAUL_PRIOR_BLOCKS + blocks;
  const mean1 = (HAUL_PRIOR_BLOCKS * mean0 + blocks * (others?.mean ?? 0)) / weight;
  const variance1 = (HAUL_PRIOR_BLOCKS * sizes.spread ** 2 + blocks * (others?.variance ?? 0)) / weight;
  const [own = 0, sum = 0, squares = 0] = haul?.windows[window]?.sums ?? [];
  const ownVariance = own > 0 ? Math.max(0, squares / own - (sum / own) ** 2) : 0;
  const total = HAUL_OWN_BLOCKS + own;
  const mean2 = (HAUL_OWN_BLOCKS * mean1 + sum) / total;
  const variance2 = (HAUL_OWN_BLOCKS * variance1 + own * ownVariance) / total + (variance1 * own) / total ** 2;
  const reach = (EXTREME_SPREADS * Math.sqrt(variance2) * sensitivity) / PLAIN_SENSITIVITY;
  const quiet = second - (haul?.charged ?? 0) > QUIET_SECONDS;
  const told = quiet ? (haul?.windows[window]?.told ?? 0) * AGAIN : 0;
  const limit = Math.round(Math.max(LEAST_HAUL_BYTES, told, Math.exp(mean2 + reach)));
  return { expected: Math.min(limit, Math.exp(mean2)), limit, own, population: blocks, everyone: Math.exp(mean1) };
}
