/**
 * Kind `rate`: an actor far above its own and its peers' pace on an endpoint. Judges one log against what was learnt
 * before it; changes nothing. For each window of WINDOWS: the sliding count including this log, against the limit of
 * `baseline.ts`, multiplied by how far everybody else on the endpoint is above the usual (`level.ts`). A longer window
 * accuses only while the present pace would fill it, so that a subject is free soon after it calms down.
 */
import type { RequestLog } from '@plimsoll/contracts';
import { ACTIVE_SHARE, FLOORS, WINDOWS } from '../constants.js';
import type { Endpoint } from '../entities/endpoints.js';
import type { Excess } from '../excess.js';
import { explainRate } from '../explain.js';
import { type Expectation, floorAt, limitOf, ownWeight, posterior, scoreOf } from '../statistics/baseline.js';

import { QUIET, surge } from './level.js';
import { secondOf, type Windows } from './windows.js';

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
}

/** Expectations and plain limits of a busy pair; void when a block closes or the population changes. */
interface Limits {
  version: number;
  sensitivity: number;
  own: Expectation[];
  everyone: Expectation[];
  plain: number[];
}

const LAST_WINDOW = WINDOWS.length - 1;

export class Rate {
  readonly #windows: Windows;
  /** Busy pairs only: those that were above a floor since their last block closed. */
  readonly #limits = new Map<number, Limits>();

  constructor(windows: Windows) {
    this.#windows = windows;
  }

  /** The most surprising window that is over its limit. `slot` is -1 for a pair never seen. */
  judge(slot: number, endpoint: Endpoint, log: RequestLog, sensitivity: number): Over | undefined {
    const second = secondOf(log.ts);
    let worst: Over | undefined;
    let shorter = 0;
    for (let window = 0; window <= LAST_WINDOW; window += 1) {
      const observed = slot < 0 ? 1 : this.#windows.countWith(slot, window, second);
      const pace = window === 0 ? observed : (shorter * secondsOf(window)) / secondsOf(window - 1);
      shorter = observed;
      if (observed <= floorAt(FLOORS[endpoint.class][window] ?? 0, sensitivity)) continue;
      const excess = this.#excess(slot, window, endpoint, second, observed, pace, sensitivity);
      if (excess && (!worst || excess.score > worst.score)) worst = excess;
    }
    return worst;
  }

  /** What was computed for the pair is void: a block closed, or the slot has another pair. */
  forget(slot: number): void {
    if (this.#limits.size > 0) this.#limits.delete(slot);
  }

  /** The actor's expected peak: what the endpoint's level compares with. */
  usual(slot: number, window: number, endpoint: Endpoint, second: number): number {
    const own = this.#windows.sums(slot, window, second);
    const everyone = endpoint.means[window] ?? 1;
    const weight = ownWeight(own.blocks);
    return own.blocks > 0 ? everyone * (1 - weight) + (own.sum / own.blocks) * weight : everyone;
  }

  #excess(slot: number, window: number, endpoint: Endpoint, second: number, observed: number, pace: number, sensitivity: number) {
    const limits = this.#limitsOf(slot, endpoint, second, sensitivity);
    const plain = limits.plain[window] ?? 0;
    if (observed <= plain) return undefined;
    const level = this.#level(slot, window, endpoint, second);
    const limit = Math.floor(plain * level);
    if (observed <= limit || pace < limit) return undefined;
    const own = limits.own[window] as Expectation;
    const everyone = limits.everyone[window] as Expectation;
    const score = scoreOf(own, observed / level, sensitivity);
    return { window, observed, expected: own.mean * level, limit, score, level, own, everyone };
  }

  #level(slot: number, window: number, endpoint: Endpoint, second: number): number {
    if (endpoint.knowledge === 0) return 1;
    const count = slot < 0 ? 0 : this.#windows.bucketCount(slot, window, second);
    const own = count > QUIET ? surge(count, this.usual(slot, window, endpoint, second)) : 0;
    return (endpoint.levels[window]?.above(second, own) ?? 1) ** endpoint.knowledge;
  }

  #limitsOf(slot: number, endpoint: Endpoint, second: number, sensitivity: number): Limits {
    const known = this.#limits.get(slot);
    if (known && known.version === endpoint.version && known.sensitivity === sensitivity) return known;
    const limits: Limits = { version: endpoint.version, sensitivity, own: [], everyone: [], plain: [] };
    let learnt = 0;
    for (let window = 0; window <= LAST_WINDOW; window += 1) {
      const everyone = endpoint.everyone(window, learnt);
      const sums =
        slot < 0 ? { blocks: 0, sum: 0, sumOfSquares: 0 } : this.#windows.sums(slot, window, blockStart(window, second));
      const own = posterior(everyone, sums);
      limits.everyone.push(everyone);
      limits.own.push(own);
      limits.plain.push(limitOf(own, FLOORS[endpoint.class][window] ?? 0, sensitivity));
      learnt = (own.mean * secondsOf(window + 1) * ACTIVE_SHARE) / secondsOf(window);
    }
    if (slot >= 0) this.#limits.set(slot, limits);
    return limits;
  }
}

const secondsOf = (window: number) => WINDOWS[window]?.seconds ?? 1;
/** Expectations are fixed for a block, so that a cached limit is the limit that would be computed anew. */
const blockStart = (window: number, second: number) => second - (second % (WINDOWS[window]?.blockSeconds ?? 1));

export interface RateContext {
  log: RequestLog;
  endpoint: Endpoint;
  source: { type: 'actor' | 'address'; id: string };
  peaks: () => { ts: number; peak: number }[];
}

/** The excess as every kind tells it. */
export function rateExcess(over: Over, { log, endpoint, source, peaks }: RateContext): Excess {
  const windowSeconds = secondsOf(over.window);
  const { observed, expected, limit, own, everyone, score } = over;
  return {
    kind: 'rate',
    subject: { type: source.type, id: source.id },
    endpoint: endpoint.name,
    where: endpoint.name,
    observed,
    expected,
    limit,
    unit: 'requests',
    windowSeconds,
    score,
    evidence: { own: own.blocks, population: everyone.blocks, weight: ownWeight(own.blocks) },
    verified: true,
    rate: { requests: Math.max(1, limit), windowSeconds },
    requests: 1,
    words: (clear) => ({
      explanation: explainRate({
        observed,
        windowSeconds,
        endpoint: endpoint.name,
        expected: own.mean,
        ownBlocks: own.blocks,
        everyone: everyone.mean,
        populationBlocks: everyone.blocks,
        level: over.level,
        limit: Math.floor(clear),
      }),
      signals: [{ name: `requests in ${windowSeconds} s`, observed, expected, score }],
      points: [...peaks(), { ts: log.ts, peak: observed }].map(({ ts, peak }) => ({ ts, observed: peak, expected, limit })),
      ...(source.type === 'actor' ? { actors: [source.id], addresses: [log.ip] } : { addresses: [source.id] }),
    }),
  };
}
