/** What is out of order at a step: another one skipped, or this one repeated. Reads only. */
import { PLAIN_SENSITIVITY } from '../constants.js';
import type { Excess } from '../excess.js';
import { aimOf } from '../identity/aims.js';
import type { Profile } from '../identity/profile.js';
import type { Rules, Tuning } from '../rules.js';
import type { Visit } from '../visit.js';
import {
  DOUBLE_SECONDS,
  FLOORS,
  KNOWS_AFTER,
  LEAST_REPEAT_SAMPLES,
  NEWS_LIMIT,
  NEWS_SAMPLES,
  OWN_STRETCH,
  REPEATED_MOST,
  type Repeat,
  SKIPS_OF_DECLARED,
  SKIPS_OF_KNOWING,
  SKIPS_OF_OTHERS,
} from './constants.js';
import type { Customs } from './customs.js';
import { declaredBefore } from './declared.js';
import { type Awaited, repeatsWith, type Step, skipsAt, type Track } from './track.js';
import { repeatExcess, skipExcess } from './words.js';

export interface Sight {
  visit: Visit;
  track: Track;
  step: Step | undefined;
  /** Of the endpoint. */
  name: string;
  profile: Profile | undefined;
  tuning: Tuning;
}

export interface Missing {
  print: number;
  flow: string | undefined;
  /** Some of the steps that belong before were passed. */
  part: boolean;
  samples: number;
}

const REPEATED: readonly Repeat[] = ['row', 'cycle'];

export class Breaches {
  readonly #customs: Customs;
  readonly #nameOf: (print: number) => string | undefined;

  constructor(customs: Customs, nameOf: (print: number) => string | undefined) {
    this.#customs = customs;
    this.#nameOf = nameOf;
  }

  /** The first of the steps that belong before and were not passed in this cycle. */
  missing(
    track: Track,
    step: Step | undefined,
    service: string,
    name: string,
    rules: Rules,
    second: number,
  ): Missing | undefined {
    for (const { flow, print } of declaredBefore(name, rules))
      if (!track.hasPassed(print, step, second, false)) return { print, flow, part: true, samples: 0 };
    if (!rules.learnFlows) return undefined;
    const { guards, samples } = this.#customs.of(service, name);
    let first = 0;
    let passed = 0;
    for (const print of guards) {
      const before = this.#nameOf(print);
      if (before === undefined || !this.#customs.isOnce(service, before)) continue;
      if (track.hasPassed(print, step, second, true)) passed += 1;
      else if (first === 0) first = print;
    }
    return first === 0 ? undefined : { print: first, flow: undefined, part: passed > 0, samples };
  }

  skipped({ visit, track, step, name, profile, tuning }: Sight, rules: Rules): Excess | undefined {
    const { service, second, log } = visit;
    if (step && second - step.second <= DOUBLE_SECONDS) return undefined;
    const missing = this.missing(track, step, service, name, rules, second);
    if (!missing) return undefined;
    const limit = this.#skipsAllowed(missing, step, profile, tuning.sensitivity);
    const observed = skipsAt(step, second) + 1;
    if (observed <= limit) return undefined;
    return skipExcess({
      actor: track.source.id,
      address: log.ip,
      endpoint: name,
      ts: log.ts,
      observed,
      expected: 0,
      limit,
      score: 1 - 2 ** (-observed / (limit + 1)),
      own: step?.complete ?? 0,
      samples: missing.samples,
      missing: this.#nameOf(missing.print) ?? 'an earlier step',
      flow: missing.flow,
    });
  }

  /**
   * A step on money or access that nobody ever went without, and who goes without it now knows the way: worth a word at the
   * first time.
   */
  isNews(missing: Missing, step: Step, service: string, name: string, rules: Rules): boolean {
    const { flow, part, print, samples } = missing;
    const before = this.#nameOf(print);
    if (flow !== undefined || before === undefined || samples < NEWS_SAMPLES) return false;
    if (!part && step.complete < KNOWS_AFTER) return false;
    return aimOf(before, rules.sensitive(before)) === 'sensitive change' && this.#customs.isUnbroken(service, name, print);
  }

  /** How the first time is told. */
  news(track: Track, step: Step, name: string, { address, ts, missing, samples }: Awaited): Excess {
    const counts = { observed: 1, expected: 0, limit: NEWS_LIMIT, score: 1 - 2 ** -1, own: step.complete, samples };
    const said = { missing: this.#nameOf(missing) ?? 'an earlier step', flow: undefined, first: true };
    return skipExcess({ actor: track.source.id, address, endpoint: name, ts, ...counts, ...said });
  }

  repeated({ visit, track, step, name, profile, tuning }: Sight, path: number): Excess | undefined {
    if (!step || !profile) return undefined;
    const { second, log, service } = visit;
    const counts = repeatsWith(track, step, path, profile.requests, second);
    for (const repeat of REPEATED) {
      const count = counts[repeat];
      if (count < FLOORS[repeat] * Math.min(1, tuning.sensitivity / PLAIN_SENSITIVITY)) continue;
      if (!profile.isVersatile) return undefined;
      const custom = this.#customs.of(service, name);
      if (custom.samples < LEAST_REPEAT_SAMPLES) return undefined;
      const { expectation, limit: plain } = this.#customs.limit(custom, repeat, tuning.sensitivity);
      if (expectation.mean > REPEATED_MOST) continue;
      const ownBest = repeat === 'row' ? step.rowBest : step.cycleBest;
      const limit = Math.max(plain, Math.ceil(OWN_STRETCH * ownBest));
      if (count <= limit) continue;
      return repeatExcess({
        actor: track.source.id,
        address: log.ip,
        endpoint: name,
        ts: log.ts,
        observed: count + 1,
        expected: expectation.mean + 1,
        limit: limit + 1,
        score: this.#customs.score({ expectation, limit }, count, tuning.sensitivity),
        own: step.complete,
        samples: custom.samples,
        row: repeat === 'row',
        everyone: expectation.mean + 1,
        ownBest: ownBest + 1,
      });
    }
    return undefined;
  }

  #skipsAllowed({ flow, part }: Missing, step: Step | undefined, profile: Profile | undefined, sensitivity: number): number {
    if (flow !== undefined) return SKIPS_OF_DECLARED;
    const stretch = Math.max(1, sensitivity / PLAIN_SENSITIVITY);
    if (part || (step?.complete ?? 0) >= KNOWS_AFTER) return Math.floor(SKIPS_OF_KNOWING * stretch);
    const hasHistory = profile?.isVersatile === true;
    return hasHistory ? Math.floor(SKIPS_OF_OTHERS * stretch) : Number.POSITIVE_INFINITY;
  }
}
