/**
 * The posterior of one statistic: what is expected, where the limit lies, how surprising a count is, and how much evidence
 * stands behind it. The statistic is the peak count of a window within a block in which the actor was active.
 *
 *   default   m0, d0                                       constants by class of endpoint
 *   everyone  m1 = (P m0 + W mean) / (P + W)               W blocks of the population, P = POPULATION_PRIOR_BLOCKS
 *             d1 likewise, from (variance - mean) / mean²   dispersion: squared variation of the intensity
 *   own       m2 = (K m1 + S) / (K + N)                    discounted Gamma-Poisson: N own blocks, S their sum
 *             d2 likewise, + w (1/m2 + d2) / (K + N)       and the uncertainty of the own mean, w = N / (K + N): a
 *                                                          population's dispersion holds its actors' differences already
 *             (P and K count NARROWING_FACTOR times against a smaller dispersion)
 *   predictive: negative binomial (m2, d2);  limit: its quantile at TAIL, stretched by `sensitivity`
 */
import {
  DEFAULT_DISPERSION,
  LEAST_DISPERSION,
  NARROWING_FACTOR,
  OWN_PRIOR_BLOCKS,
  PLAIN_SENSITIVITY,
  POPULATION_PRIOR_BLOCKS,
  TAIL,
} from '../constants.js';
import { lnTail, quantile } from './negative-binomial.js';

/** Discounted sums over closed blocks. */
export interface Sums {
  blocks: number;
  sum: number;
  sumOfSquares: number;
}

/** Mean and dispersion, and the evidence that they rest on. */
export interface Expectation {
  mean: number;
  dispersion: number;
  blocks: number;
}

const LN_TAIL = Math.log(TAIL);

/** The same of the product of two independent tails: a product of w is as rare as w (1 - ln w), so that this is TAIL. */
const LN_JOINT = Math.log(5.65e-8);

/** `strength`: observations that the prior's mean counts for; against a narrower spread it counts for more. */
function blend(prior: Expectation, strength: number, blocks: number, mean: number, variance: number): Expectation {
  if (blocks <= 0) return { mean: prior.mean, dispersion: prior.dispersion, blocks: 0 };
  const seen = mean > 0 ? Math.max(LEAST_DISPERSION, (variance - mean) / (mean * mean)) : prior.dispersion;
  const spread = seen < prior.dispersion ? strength * NARROWING_FACTOR : strength;
  return {
    mean: (strength * prior.mean + blocks * mean) / (strength + blocks),
    dispersion: (spread * prior.dispersion + blocks * seen) / (spread + blocks),
    blocks,
  };
}

/** What everyone on the endpoint does, shrunk towards the default mean. */
export function everyone(defaultMean: number, blocks: number, mean: number, variance: number): Expectation {
  const prior = { mean: defaultMean, dispersion: DEFAULT_DISPERSION, blocks: 0 };
  return blend(prior, POPULATION_PRIOR_BLOCKS, blocks, mean, variance);
}

/** What this actor does, shrunk towards everyone; the dispersion includes the uncertainty of the mean. */
export function posterior(population: Expectation, own: Sums): Expectation {
  const mean = own.blocks > 0 ? own.sum / own.blocks : 0;
  const variance = own.blocks > 0 ? Math.max(0, own.sumOfSquares / own.blocks - mean * mean) : 0;
  const blended = blend(population, OWN_PRIOR_BLOCKS, own.blocks, mean, variance);
  const uncertainty = (ownWeight(own.blocks) * (1 / blended.mean + blended.dispersion)) / (OWN_PRIOR_BLOCKS + own.blocks);
  return { mean: blended.mean, dispersion: blended.dispersion + uncertainty, blocks: own.blocks };
}

/** Own share of the posterior mean, 0..1. */
export function ownWeight(blocks: number): number {
  return blocks / (OWN_PRIOR_BLOCKS + blocks);
}

/** Variance of the logarithm, were the counts lognormal. */
export function variation({ mean, dispersion }: Expectation): number {
  return Math.log1p(dispersion + 1 / Math.max(1, mean));
}

/**
 * The greatest count that raises nothing. `floor`: counts up to it never do; a stricter sensitivity lowers it too. `asked`:
 * logarithm of the tail at the limit.
 */
export function limitOf(expectation: Expectation, floor: number, sensitivity: number, asked = LN_TAIL): number {
  const stretch = sensitivity / PLAIN_SENSITIVITY;
  const plain = quantile(asked, expectation.mean, expectation.dispersion);
  const stretched = expectation.mean + (plain - expectation.mean) * stretch;
  return Math.floor(Math.max(stretched, floorAt(floor, sensitivity)));
}

/** What is left to be asked of the tail of one count where another, independent of it, stands at `count`: no more than of one alone. */
export function lnTailBeside({ mean, dispersion }: Expectation, count: number): number {
  return Math.min(0, Math.max(LN_TAIL, LN_JOINT - lnTail(count, mean, dispersion)));
}

export function floorAt(floor: number, sensitivity: number): number {
  return floor * Math.min(1, sensitivity / PLAIN_SENSITIVITY);
}

/** 0..1, increasing in `count`; one half at the limit, three quarters where the tail is the limit's squared. */
export function scoreOf(expectation: Expectation, count: number, sensitivity: number): number {
  const beyond = ((count - expectation.mean) * PLAIN_SENSITIVITY) / sensitivity;
  const plain = count > expectation.mean ? expectation.mean + beyond : count;
  const surprise = lnTail(plain, expectation.mean, expectation.dispersion) / LN_TAIL;
  return 1 - 2 ** -Math.max(0, surprise);
}
