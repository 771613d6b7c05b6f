/**
 * One sign-in endpoint, watched as a whole: accounts that failed in the last half hour and have not signed in since. No
 * address needs to be suspicious by itself.
 *
 *   observed   accounts failed by strangers (pairs of account and address that never signed in before), at most 5 an address
 *   assumed    a = 0.5 + successes / 20
 *   usual      m = a (10 + sum of peaks) / (10 + sum of a)     over closed half hours: a Gamma-Poisson with exposure a
 *   spread     d from the squared errors of these peaks, less what Poisson noise explains; shrunk towards 1
 *   everybody  + odds * accounts that fail at home: an outage or a wave of expired passwords strikes known pairs too;
 *              odds = strange sign-ins for each at home, learnt
 *   limit      of the negative binomial around it (statistics/baseline.ts), at least 10 accounts from 5 addresses
 *
 * Score before learn; a half hour in which the limit was crossed teaches a tenth.
 */
import { DEFAULT_DISPERSION, LEAST_DISPERSION, MEMORY_SECONDS, NARROWING_FACTOR, POPULATION_PRIOR_BLOCKS } from '../constants.js';
import type { SignInsContribution } from '../contribution.js';
import { type Expectation, limitOf, scoreOf } from '../statistics/baseline.js';
import { addTo, countOf, newTally, type Tally } from '../statistics/tallies.js';
import {
  ACCOUNTS_AN_ADDRESS,
  CAMPAIGN_FLOOR,
  CAMPAIGN_SECONDS,
  FLAGGED_WEIGHT,
  LEAST_ADDRESSES,
  MAX_PENDING,
  ODDS_MOST,
  ODDS_PRIOR,
  PRIOR_ASSUMED,
  STRANGERS_LEAST,
  STRANGERS_SHARE,
} from './constants.js';
import type { Homes } from './homes.js';

export const CAMPAIGN_VERSION = 1;

/** A pair that failed: account (empty where none is named), address, when last, whether it is strange. */
type Pending = [account: string, address: string, second: number, strange: boolean];

export interface CampaignState {
  version: typeof CAMPAIGN_VERSION;
  service: string;
  endpoint: string;
  past: boolean;
  second: number;
  pending: Pending[];
  successes: Tally;
  /** Sign-ins of strange pairs and of those at home, fading. */
  strange: number;
  home: number;
  /** Fading sums over closed half hours: how many, what was assumed, the peaks, and the products of both. */
  blocks: number;
  assumed: number;
  peaks: number;
  assumedSquared: number;
  peaksSquared: number;
  both: number;
  /** The present half hour. */
  block: number;
  peak: number;
  /** The greatest that was assumed in it. */
  base: number;
  flagged: boolean;
}

export interface CampaignOver {
  observed: number;
  expected: number;
  limit: number;
  score: number;
  /** Closed half hours behind the expectation. */
  blocks: number;
  successes: number;
  usual: number;
  accounts: string[];
  addresses: string[];
}

export function newCampaign({ service, id, historical, second }: SignInsContribution): CampaignState {
  const none = { strange: 0, home: 0, peak: 0, base: 0, flagged: false };
  const sums = { blocks: 0, assumed: 0, peaks: 0, assumedSquared: 0, peaksSquared: 0, both: 0 };
  return {
    version: CAMPAIGN_VERSION,
    service,
    endpoint: id,
    past: historical,
    second,
    pending: [],
    successes: newTally(CAMPAIGN_SECONDS / 12, 12),
    block: Math.floor(second / CAMPAIGN_SECONDS),
    ...none,
    ...sums,
  };
}

export class Campaign {
  /** Failing pairs by account and address, the longest quiet first. */
  readonly #pending = new Map<string, Pending>();

  constructor(
    readonly state: CampaignState,
    readonly homes: Homes,
  ) {
    for (const pending of state.pending) this.#pending.set(keyOf(pending[0], pending[1]), pending);
    state.pending = [];
  }

  /** Takes a contribution in; says how many failures of strangers it brought. */
  absorb(contribution: SignInsContribution): number {
    const { state, homes } = this;
    const { second } = contribution;
    this.#turn(second);
    state.second = Math.max(state.second, second);
    for (const [account, address] of contribution.entered) {
      if (homes.has(account, address, second)) state.home += 1;
      else state.strange += 1;
      homes.add(account, address, second);
      this.#pending.delete(keyOf(account, address));
    }
    addTo(state.successes, second, contribution.successes);
    state.base = Math.max(state.base, baseOf(countOf(state.successes, state.second)));
    let strangers = 0;
    for (const [account, address] of contribution.failed) {
      const key = keyOf(account, address);
      const strange = !homes.has(account, address, second);
      if (strange) strangers += 1;
      this.#pending.delete(key);
      this.#pending.set(key, [account, address, second, strange]);
    }
    this.#prune();
    return strangers;
  }

  /** What is over the limit now; learns the peak of the half hour either way. */
  judge(sensitivity: number): CampaignOver | undefined {
    const { state } = this;
    const { observed, usual, accounts, addresses } = this.#tell();
    const successes = countOf(state.successes, state.second);
    const base = baseOf(successes);
    const odds = Math.min(ODDS_MOST, (state.strange + ODDS_PRIOR) / (state.home + ODDS_PRIOR));
    const learnt = learntOf(state);
    const expectation = { ...learnt, mean: learnt.mean * base + odds * usual };
    const limit = limitOf(expectation, CAMPAIGN_FLOOR, sensitivity);
    state.peak = Math.max(state.peak, observed);
    if (observed <= limit || addresses.length < LEAST_ADDRESSES) return undefined;
    state.flagged = true;
    const score = scoreOf(expectation, observed, sensitivity);
    return { observed, expected: expectation.mean, limit, score, blocks: state.blocks, successes, usual, accounts, addresses };
  }

  /** It is over: who comes next is not accused of it. */
  pardon(): void {
    for (const [key, [, , , strange]] of this.#pending) if (strange) this.#pending.delete(key);
  }

  stored(): CampaignState {
    return { ...this.state, pending: [...this.#pending.values()] };
  }

  #tell(): { observed: number; usual: number; accounts: string[]; addresses: string[] } {
    const ofAddress = new Map<string, number>();
    const accounts = new Set<string>();
    let usual = 0;
    let observed = 0;
    for (const [account, address, , strange] of this.#pending.values()) {
      if (!strange) {
        usual += 1;
        continue;
      }
      const many = ofAddress.get(address) ?? 0;
      ofAddress.set(address, many + 1);
      const fresh = account === '' || !accounts.has(account);
      if (fresh && many < ACCOUNTS_AN_ADDRESS) observed += 1;
      if (account !== '') accounts.add(account);
    }
    return { observed, usual, accounts: [...accounts], addresses: [...ofAddress.keys()] };
  }

  #prune(): void {
    const oldest = this.state.second - CAMPAIGN_SECONDS;
    for (const [key, [, , second]] of this.#pending) {
      if (second > oldest && this.#pending.size <= MAX_PENDING) return;
      this.#pending.delete(key);
    }
  }

  /** Closes the half hour that is over. Idle ones teach nothing. */
  #turn(second: number): void {
    const { state } = this;
    const block = Math.floor(second / CAMPAIGN_SECONDS);
    if (block <= state.block) return;
    const { flagged } = state;
    const base = Math.max(state.base, STRANGERS_LEAST);
    const peak = flagged ? Math.min(state.peak, 2 * (1 + learntOf(state).mean * base)) : state.peak;
    const weight = flagged ? FLAGGED_WEIGHT : 1;
    state.blocks += weight;
    state.assumed += weight * base;
    state.peaks += weight * peak;
    state.assumedSquared += weight * base ** 2;
    state.peaksSquared += weight * peak ** 2;
    state.both += weight * base * peak;
    const faded = 2 ** ((-(block - state.block) * CAMPAIGN_SECONDS) / MEMORY_SECONDS);
    for (const sum of FADING) state[sum] *= faded;
    state.block = block;
    state.peak = 0;
    state.base = 0;
    state.flagged = false;
  }
}

const keyOf = (account: string, address: string) => `${account}\n${address}`;

/** What is assumed to be left behind by strangers while so many sign in. */
const baseOf = (successes: number) => STRANGERS_LEAST + STRANGERS_SHARE * successes;

const FADING = ['strange', 'home', 'blocks', 'assumed', 'peaks', 'assumedSquared', 'peaksSquared', 'both'] as const;

/** How many times the assumed is usual, and how widely it varies beyond chance. */
function learntOf(state: CampaignState): Expectation {
  const { blocks, assumed, peaks, assumedSquared, peaksSquared, both } = state;
  const mean = (PRIOR_ASSUMED + peaks) / (PRIOR_ASSUMED + assumed);
  const beyondChance = peaksSquared - 2 * mean * both + mean ** 2 * assumedSquared - mean * assumed;
  const seen = Math.max(LEAST_DISPERSION, beyondChance / Math.max(1, mean ** 2 * assumedSquared));
  const strength = POPULATION_PRIOR_BLOCKS * (seen < DEFAULT_DISPERSION ? NARROWING_FACTOR : 1);
  return { mean, dispersion: (strength * DEFAULT_DISPERSION + blocks * seen) / (strength + blocks), blocks };
}
