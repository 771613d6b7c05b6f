/**
 * What practically everyone does before a step, and how often a step is repeated, by everyone. Learnt from samples of all
 * actors, counted with the populations (objects/norms.ts), so that it is the same in every shard: `step` counts the samples
 * of a step, `<PRINT` those of them with another step before it, `again-row` and `again-cycle` its repetitions.
 */
import type { Contribution, MeasureStatistic, Population } from '../contribution.js';
import { type Commons, type Everyone, NormLedger } from '../objects/norms.js';
import { type Expectation, everyone, limitOf, scoreOf } from '../statistics/baseline.js';
import {
  FEW_WITHOUT,
  FLOORS,
  LEAST_REPEAT_SAMPLES,
  LEAST_SAMPLES,
  MAX_GUARDS,
  MOST_WITHOUT,
  REPEATED_MOST,
  REPEATS,
  type Repeat,
  UNBROKEN_MOST,
  USUAL_MOST_WITHOUT,
} from './constants.js';

const measureOf = (print: number) => `<${print.toString(36)}`;
const AGAIN: Record<Repeat, string> = { row: 'again-row', cycle: 'again-cycle' };

/** One endpoint's customs, worked out anew when what is known of everyone has changed. */
export interface Custom {
  samples: number;
  /** Steps that practically everyone does before, and those that most do. */
  guards: number[];
  usual: number[];
  version: number;
  everyone: Everyone;
}

export interface Limit {
  expectation: Expectation;
  limit: number;
}

export class Customs {
  readonly #commons: Commons;
  readonly #ledger = new NormLedger();
  /** Endpoints by service. */
  readonly #known = new Map<string, Map<string, Custom>>();
  /** Measures of every endpoint that was heard of, by its key. */
  readonly #preceding = new Map<string, Set<number>>();

  constructor(commons: Commons) {
    this.#commons = commons;
  }

  of(service: string, endpoint: string): Custom {
    let endpoints = this.#known.get(service);
    if (!endpoints) {
      endpoints = new Map();
      this.#known.set(service, endpoints);
    }
    let custom = endpoints.get(endpoint);
    if (!custom) {
      custom = { samples: 0, guards: [], usual: [], version: -1, everyone: this.#commons.of(service, endpoint) };
      endpoints.set(endpoint, custom);
    }
    if (custom.version !== custom.everyone.version) this.#refresh(custom, `${service}\n${endpoint}`);
    return custom;
  }

  /** Repetitions after the first that are within everyone's. */
  limit({ everyone: known }: Custom, repeat: Repeat, sensitivity: number): Limit {
    const { blocks = 0, mean = 0, variance = 0 } = known.of(AGAIN[repeat]) ?? {};
    const expectation = everyone(REPEATS[repeat], blocks, mean, variance);
    return { expectation, limit: limitOf(expectation, FLOORS[repeat], sensitivity) };
  }

  score({ expectation }: Limit, count: number, sensitivity: number): number {
    return scoreOf(expectation, count, sensitivity);
  }

  /** Second since which anything of a step is known of everyone; infinite while nothing is. */
  since(service: string, endpoint: string): number {
    return this.of(service, endpoint).everyone.since;
  }

  /** A cycle that is no sample yet: a step is known of from its first one on. */
  meet(service: string, endpoint: string, second: number): void {
    if (this.since(service, endpoint) > second) this.note(service, endpoint, second, [], 0);
  }

  /** A cycle ended at a step, after others. */
  note(service: string, endpoint: string, second: number, passed: readonly number[], weight: number): void {
    this.#ledger.add(service, endpoint, second, 'step', false, [weight, 0, 0]);
    for (const print of passed) this.#ledger.add(service, endpoint, second, measureOf(print), false, [weight, 0, 0]);
  }

  /** What was told of a first cycle without a step was no way of doing it, but the beginning of more: the step is unbroken again. */
  takeBack(service: string, endpoint: string, second: number, print: number): void {
    this.#ledger.add(service, endpoint, second, measureOf(print), false, [1, 0, 0]);
  }

  /** A run of repetitions is over. */
  noteRepeats(service: string, endpoint: string, second: number, repeat: Repeat, count: number, weight: number): void {
    this.#ledger.add(service, endpoint, second, AGAIN[repeat], false, [weight, weight * count, weight * count * count]);
  }

  take(): Contribution[] {
    return this.#ledger.take();
  }

  setPopulation({ service, endpoint }: Population, fresh: readonly MeasureStatistic[]): void {
    for (const { measure } of fresh) {
      if (!measure.startsWith('<')) continue;
      const key = `${service}\n${endpoint}`;
      const preceding = this.#preceding.get(key) ?? new Set();
      this.#preceding.set(key, preceding.add(Number.parseInt(measure.slice(1), 36)));
    }
  }

  #refresh(custom: Custom, key: string): void {
    const { everyone: known } = custom;
    custom.version = known.version;
    custom.samples = known.of('step')?.blocks ?? 0;
    custom.guards = [];
    custom.usual = [];
    const without = Math.max(FEW_WITHOUT, MOST_WITHOUT * custom.samples);
    for (const print of this.#preceding.get(key) ?? []) {
      const lacking = custom.samples - (known.of(measureOf(print))?.blocks ?? 0);
      if (lacking < USUAL_MOST_WITHOUT * custom.samples && custom.usual.length < MAX_GUARDS) custom.usual.push(print);
      if (custom.samples >= LEAST_SAMPLES && lacking <= without && custom.guards.length < MAX_GUARDS) custom.guards.push(print);
    }
  }

  /** Nobody has gone without the other step, as far as is remembered. */
  isUnbroken(service: string, endpoint: string, print: number): boolean {
    const { samples, everyone: known } = this.of(service, endpoint);
    return samples - (known.of(measureOf(print))?.blocks ?? 0) <= UNBROKEN_MOST;
  }

  /** Done once a cycle, as far as is known: what is done all the time (queries, beacons) is no step of anything. */
  isOnce(service: string, endpoint: string): boolean {
    const again = this.of(service, endpoint).everyone.of(AGAIN.cycle);
    return again !== undefined && again.blocks >= LEAST_REPEAT_SAMPLES && again.mean <= REPEATED_MOST;
  }
}
