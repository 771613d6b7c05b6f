/**
 * Kind `rate`: an actor far above its own and its peers' pace on an endpoint. Judges one log against what was learnt
 * before it; changes nothing. For each window of WINDOWS: the sliding count including this log, against the limit of
 * `baseline.ts`, multiplied by how far everybody else on the endpoint is above the usual (`level.ts`). A longer window
 * accuses only while the present pace would fill it, so that a subject is free soon after it calms down.
 */
import type { RequestLog } from '@plimsoll/contracts';
import { ACTIVE_SHARE, FLOORS, PLAIN_SENSITIVITY, WINDOWS } from '../constants.js';
import type { Endpoint } from '../entities/endpoints.js';
import type { Source } from '../entities/sources.js';
import { type Expectation, floorAt, limitOf, ownWeight, posterior, scoreOf } from '../statistics/baseline.js';
import { acquaintance } from './acquaintance.js';
import { COLD_LIMITS, DRIFT_FLOORS, DRIFT_PACE, FIRST_BLOCKS, FIRST_LIMITS } from './constants.js';
import { QUIET, SHORTEST_LEVEL, surge } from './level.js';
import type { Shelf } from './shelf.js';
import { blockOf, secondOf, type Windows } from './windows.js';

/** A window that is over its limit. */
export interface Over {
  window: number;
  observed: number;
  /** At the endpoint's present level. */
  expected: number;
  limit: number;
  score: number;
  level: number;
  own: Expectation;
  everyone: Expectation;
  /** Above the slow reference alone; climbing: the hour before was on its way there. */
  climbing?: boolean;
}

/** Expectations and plain limits of a busy pair in one block of the shortest window; void when a block closes or the population changes. */
interface Limits {
  version: number;
  block: number;
  sensitivity: number;
  own: Expectation[];
  everyone: Expectation[];
  /** Absent until it is asked for. */
  plain: number[];
}

const LAST_WINDOW = WINDOWS.length - 1;

export class Rate {
  readonly #shelf: Shelf;
  readonly #windows: Windows;
  /** Busy pairs only: those that were above a floor since their last block closed. */
  readonly #limits = new Map<number, Limits>();

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
    this.#windows = shelf.windows;
  }

  /**
   * The most surprising window that is over its limit. Over an hour only what was answered counts: a client that repeats what
   * cannot succeed is a nuisance, and slow failures are the matter of the kinds made for them. `slot` is -1 for a pair never
   * seen.
   */
  judge(slot: number, endpoint: Endpoint, log: RequestLog, sensitivity: number): Over | undefined {
    const second = secondOf(log.ts);
    let worst: Over | undefined;
    let shorter = 0;
    const longest = log.status < 400 ? LAST_WINDOW : LAST_WINDOW - 1;
    for (let window = 0; window <= longest; window += 1) {
      const observed = slot < 0 ? 1 : this.#windows.countWith(slot, window, second);
      const pace = window === 0 ? observed : (shorter * secondsOf(window)) / secondsOf(window - 1);
      shorter = observed;
      if (observed <= floorAt(FLOORS[endpoint.class][window] ?? 0, sensitivity)) continue;
      const excess = this.#excess(slot, window, endpoint, second, observed, pace, sensitivity);
      if (excess && (!worst || excess.score > worst.score)) worst = excess;
    }
    if (worst || slot < 0 || longest < LAST_WINDOW || shorter <= floorAt(DRIFT_FLOORS[endpoint.class], sensitivity)) return worst;
    return this.#drift(slot, endpoint, second, shorter, sensitivity);
  }

  /**
   * The limit without the reference, at the endpoint's present level: what was learnt, and for somebody of whom little is
   * known at least the newcomer's, which fades while the actor becomes known as ordinary. A surge stretches only what was
   * learnt: twenty newcomers at once are no reason to trust them more.
   */
  limit(slot: number, window: number, endpoint: Endpoint, second: number, sensitivity: number, level: number): number {
    const plain = plainLimit(this.#limitsOf(slot, endpoint, second, sensitivity), window, endpoint) * level;
    const source = this.#shelf.sourceOf(slot);
    if (!source) return Math.floor(plain);
    const cold = (newcomersLimit(endpoint, window, source) * sensitivity) / PLAIN_SENSITIVITY;
    if (cold <= plain) return Math.floor(plain);
    const known = acquaintance(this.#shelf, source, slot, window, blockStart(window, second));
    return Math.floor(Math.max(plain, cold * (1 - known)));
  }

  /** What is expected in a window, of the actor and of everyone, at the endpoint's usual level. */
  expected(slot: number, window: number, endpoint: Endpoint, second: number, sensitivity: number) {
    const { own, everyone } = this.#limitsOf(slot, endpoint, second, sensitivity);
    return { own: own[window] as Expectation, everyone: everyone[window] as Expectation };
  }

  /** What was computed for the pair is void: a block closed, or the slot has another pair. */
  forget(slot: number): void {
    if (this.#limits.size > 0) this.#limits.delete(slot);
  }

  /** The actor's expected peak at this hour: what the endpoint's level compares with. */
  usual(slot: number, window: number, endpoint: Endpoint, second: number): number {
    const blocks = this.#windows.blocks(slot, window, second);
    const everyone = (endpoint.means[window] ?? 1) * endpoint.season(window, second);
    const weight = ownWeight(blocks);
    return blocks > 0 ? everyone * (1 - weight) + (this.#windows.sum(slot, window, second) / blocks) * weight : everyone;
  }

  /** By how much everybody else on the endpoint is above the usual, as far as the endpoint is known: at least 1. */
  level(slot: number, window: number, endpoint: Endpoint, second: number): number {
    if (endpoint.knowledge === 0) return 1;
    // A late log is judged by the count of its pair's newest one, so by the level of then.
    const at = slot < 0 ? second : this.#windows.positionOf(slot, second);
    const own = (of: number) => this.#ownSurge(slot, of, endpoint, at);
    const everybody = endpoint.levels[window]?.above(at, own(Math.max(window, SHORTEST_LEVEL))) ?? 1;
    const here = endpoint.rushes[window]?.above(at, own(window)) ?? 1;
    return Math.max(everybody, here) ** endpoint.knowledge;
  }

  #excess(slot: number, window: number, endpoint: Endpoint, second: number, observed: number, pace: number, sensitivity: number) {
    const limits = this.#limitsOf(slot, endpoint, second, sensitivity);
    if (observed <= plainLimit(limits, window, endpoint)) return undefined;
    const level = this.level(slot, window, endpoint, second);
    const limit = this.limit(slot, window, endpoint, second, sensitivity, level);
    if (observed <= limit || pace < limit) return undefined;
    const own = limits.own[window] as Expectation;
    const everyone = limits.everyone[window] as Expectation;
    const score = scoreBeyond(scoreOf(own, observed / level, sensitivity), observed / limit);
    return { window, observed, expected: own.mean * level, limit, score, level, own, everyone };
  }

  /** Above the slow reference. Over only while the present pace would fill half of it: a subject that calms down is free. */
  #drift(slot: number, endpoint: Endpoint, second: number, observed: number, sensitivity: number): Over | undefined {
    const ceiling = this.#shelf.reference.ceiling(slot);
    const stretch = sensitivity / PLAIN_SENSITIVITY;
    if (ceiling === 0 || observed <= ceiling * Math.min(1, stretch)) return undefined;
    const { own: owns, everyone: all } = this.#limitsOf(slot, endpoint, second, sensitivity);
    const [own, everyone] = [owns[LAST_WINDOW] as Expectation, all[LAST_WINDOW] as Expectation];
    const band = this.#shelf.reference.band(slot, blockStart(LAST_WINDOW, second), everyone);
    const level = this.level(slot, LAST_WINDOW, endpoint, second);
    const expected = Math.min(band.expected, ceiling);
    const limit = Math.floor((expected + (ceiling - expected) * stretch) * level);
    const pace = this.#windows.countWith(slot, LAST_WINDOW - 1, second) * (secondsOf(LAST_WINDOW) / secondsOf(LAST_WINDOW - 1));
    if (observed <= limit || pace < limit * DRIFT_PACE) return undefined;
    const score = scoreBeyond(0, observed / limit);
    const climbing = this.#windows.before(slot, LAST_WINDOW, second) >= Math.sqrt(expected * ceiling);
    return { window: LAST_WINDOW, observed, expected: expected * level, limit, score, level, own, everyone, climbing };
  }

  /** The actor's own part in the level. */
  #ownSurge(slot: number, window: number, endpoint: Endpoint, second: number): number {
    const count = slot < 0 ? 0 : this.#windows.bucketCount(slot, window, second);
    return count > QUIET ? surge(count, this.usual(slot, window, endpoint, second)) : 0;
  }

  #limitsOf(slot: number, endpoint: Endpoint, second: number, sensitivity: number): Limits {
    const known = this.#limits.get(slot);
    const { version } = endpoint;
    const block = blockOf(0, second);
    if (known?.block === block && known.version === version && known.sensitivity === sensitivity) return known;
    const limits: Limits = { version, block, sensitivity, own: [], everyone: [], plain: [] };
    let learnt = 0;
    for (let window = 0; window <= LAST_WINDOW; window += 1) {
      const usual = endpoint.everyone(window, learnt);
      const everyone = { ...usual, mean: usual.mean * endpoint.season(window, second) };
      const sums =
        slot < 0 ? { blocks: 0, sum: 0, sumOfSquares: 0 } : this.#windows.sums(slot, window, blockStart(window, second));
      const own = posterior(everyone, sums);
      limits.everyone.push(everyone);
      limits.own.push(own);
      learnt = (own.mean * secondsOf(window + 1) * ACTIVE_SHARE) / secondsOf(window);
    }
    if (slot >= 0) this.#limits.set(slot, limits);
    return limits;
  }
}

/** Each window's is worked out when it is asked for: mostly one of three is. */
function plainLimit(limits: Limits, window: number, endpoint: Endpoint): number {
  const { plain, own, sensitivity } = limits;
  const known = plain[window];
  if (known !== undefined) return known;
  const limit = limitOf(own[window] as Expectation, FLOORS[endpoint.class][window] ?? 0, sensitivity);
  plain[window] = limit;
  return limit;
}

/** What somebody of whom nothing is known may do: the less, the more ordinary blocks of others were seen on the endpoint. */
function newcomersLimit(endpoint: Endpoint, window: number, { type }: Source): number {
  const known = COLD_LIMITS[endpoint.class][window] ?? 0;
  if (type === 'address' || !endpoint.oneByOne) return known;
  const first = FIRST_LIMITS[endpoint.class][window] ?? known;
  return known + ((first - known) * FIRST_BLOCKS) / (FIRST_BLOCKS + endpoint.blocks(window));
}

/** One half at the limit at least, and more beyond it: of limits that are no quantile of the posterior. */
const scoreBeyond = (score: number, excess: number) => Math.max(score, 1 - 2 ** -Math.max(0, excess));

export const secondsOf = (window: number) => WINDOWS[window]?.seconds ?? 1;
/** Expectations are fixed for a block, so that a cached limit is the limit that would be computed anew. */
const blockStart = (window: number, second: number) => second - (second % (WINDOWS[window]?.blockSeconds ?? 1));
