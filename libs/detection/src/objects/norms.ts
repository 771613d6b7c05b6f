/**
 * What everyone on an endpoint does in other measures than the pace: objects opened for the first time, refusals, bytes.
 * Like rate/populations.ts: sums of closed blocks, discounted, learnt by the endpoint's shard and published to all; blocks
 * beyond the limit are taken in only while they are what most do. So one crawler does not widen everybody's norm, and a
 * client that everybody uses is nobody's deviation.
 */
import { MAJORITY_LEAST, MEMORY_SECONDS } from '../constants.js';
import type { BlockSums, Contribution, MeasureStatistic, MeasureSums, Population } from '../contribution.js';
import { coarse, fine } from '../statistics/exact.js';
import { MAJORITY_SECONDS, MAX_MEASURES } from './constants.js';

type Sums = [blocks: number, sum: number, squares: number, ordinary: number, flagged: number];

/** Blocks, sum and sum of squares: of ordinary blocks, then of those beyond the limit. */
export type Gathered = [number, number, number, number, number, number];

/** Stored with the endpoint's population. */
export interface Norms {
  since: number;
  /** Second up to which the sums are discounted. */
  second: number;
  sums: Record<string, Sums>;
}

const NONE: readonly MeasureStatistic[] = [];
const finite = (value: number) => (Number.isFinite(value) ? value : 0);

/** Adds what was told to what was gathered before it. */
export function gather(
  known: Gathered | undefined,
  { flagged, blocks, sum, sumOfSquares }: Omit<BlockSums, 'windowSeconds'>,
): Gathered {
  const sums: Gathered = known ?? [0, 0, 0, 0, 0, 0];
  const from = flagged ? 3 : 0;
  sums[from] = (sums[from] ?? 0) + Math.max(0, finite(blocks));
  sums[from + 1] = (sums[from + 1] ?? 0) + finite(sum);
  sums[from + 2] = (sums[from + 2] ?? 0) + finite(sumOfSquares);
  return sums;
}

/** The norms with a minute's blocks in them; the former stay as they are. */
export function withMeasures(known: Norms | undefined, gathered: Record<string, Gathered>, second: number): Norms {
  const norms = faded(known ?? { since: second, second, sums: {} }, second);
  for (const measure of Object.keys(gathered)) {
    if (!norms.sums[measure] && Object.keys(norms.sums).length >= MAX_MEASURES) continue;
    const more = gathered[measure] as Gathered;
    const sums = norms.sums[measure] ?? [0, 0, 0, 0, 0];
    norms.sums[measure] = sums;
    sums[3] += more[0];
    sums[4] += more[3];
    const most = sums[4] >= MAJORITY_LEAST && sums[4] > sums[3];
    sums[0] += more[0] + (most ? more[3] : 0);
    sums[1] += more[1] + (most ? more[4] : 0);
    sums[2] += more[2] + (most ? more[5] : 0);
  }
  return norms;
}

/** A copy, discounted to `second`. */
function faded({ since, second: before, sums }: Norms, second: number): Norms {
  const idle = Math.max(0, second - before);
  const decay = 2 ** (-idle / MEMORY_SECONDS);
  const recent = 2 ** (-idle / MAJORITY_SECONDS);
  const copies: Norms['sums'] = {};
  for (const measure of Object.keys(sums)) {
    const known = sums[measure] as Sums;
    copies[measure] = [known[0] * decay, known[1] * decay, known[2] * decay, known[3] * recent, known[4] * recent];
  }
  return { since: Math.min(since, second), second: Math.max(before, second), sums: copies };
}

/** The last publication of each: told again and again while only the pace is news. */
const published = new WeakMap<Norms, Pick<Population, 'measures' | 'measuredSince'>>();

/** @param norms which must not be changed afterwards */
export function publishedNorms(norms: Norms): Pick<Population, 'measures' | 'measuredSince'> {
  const known = published.get(norms);
  if (known) return known;
  const { since, sums } = norms;
  const measures = Object.keys(sums).map((measure): MeasureStatistic => {
    const [blocks, sum, squares] = sums[measure] as Sums;
    const mean = blocks > 0 ? sum / blocks : 0;
    return { measure, blocks, mean, variance: blocks > 0 ? Math.max(0, squares / blocks - mean * mean) : 0 };
  });
  const publication = { measures, measuredSince: since };
  published.set(norms, publication);
  return publication;
}

/** An endpoint's norms as a shard of actors knows them. */
export class Everyone {
  /** Second since which they are learnt; infinite while nothing is known. */
  since = Number.POSITIVE_INFINITY;
  /** Counts changes. */
  version = 0;
  /** In the order in which they were first told. */
  #told: readonly MeasureStatistic[] = [];
  /** Place of each in what was told. */
  readonly #places = new Map<string, number>();

  of(measure: string): MeasureStatistic | undefined {
    const place = this.#places.get(measure);
    return place === undefined ? undefined : this.#told[place];
  }

  /**
   * Every shard hears of every endpoint once a second: what has the order of before is taken over as it is.
   * @returns those that were not known before
   */
  take({ measures = [], measuredSince }: Population): readonly MeasureStatistic[] {
    if (measures === this.#told) return NONE; // Only the pace is news.
    const before = this.#told.length;
    let fresh: readonly MeasureStatistic[] = NONE;
    if (!this.#goesOn(measures)) fresh = this.#merge(measures);
    else {
      this.#told = measures;
      if (measures.length > before) {
        fresh = measures.slice(before);
        fresh.forEach(({ measure }, index) => {
          this.#places.set(measure, before + index);
        });
      }
    }
    this.since = measuredSince ?? this.since;
    this.version += 1;
    return fresh;
  }

  #goesOn(measures: readonly MeasureStatistic[]): boolean {
    const told = this.#told;
    if (measures.length < told.length || measures.length > MAX_MEASURES) return false;
    for (let place = 0; place < told.length; place += 1) if (told[place]?.measure !== measures[place]?.measure) return false;
    return true;
  }

  /** In the new order; what is not told any more stays as it was, behind it. */
  #merge(measures: readonly MeasureStatistic[]): readonly MeasureStatistic[] {
    const names = new Set(measures.map(({ measure }) => measure));
    const silent = this.#told.filter(({ measure }) => !names.has(measure));
    const fresh = measures.filter(({ measure }) => !this.#places.has(measure)).slice(0, MAX_MEASURES - this.#told.length);
    const taken = new Set(fresh);
    this.#told = [...measures.filter((one) => this.#places.has(one.measure) || taken.has(one)), ...silent];
    this.#places.clear();
    this.#told.forEach(({ measure }, place) => {
      this.#places.set(measure, place);
    });
    return fresh;
  }
}

/** All endpoints' norms by service and name: a population may be heard of before its endpoint is met. */
export class Commons {
  readonly #known = new Map<string, Map<string, Everyone>>();

  of(service: string, endpoint: string): Everyone {
    let endpoints = this.#known.get(service);
    if (!endpoints) {
      endpoints = new Map();
      this.#known.set(service, endpoints);
    }
    let known = endpoints.get(endpoint);
    if (!known) {
      known = new Everyone();
      endpoints.set(endpoint, known);
    }
    return known;
  }

  /** @returns measures that were not known before */
  take(population: Population): readonly MeasureStatistic[] {
    return population.measures ? this.of(population.service, population.endpoint).take(population) : NONE;
  }
}

/** Closed blocks on their way to the endpoints' shards. */
export class NormLedger {
  #blocks = new Map<string, { service: string; id: string; second: number; measures: Map<string, MeasureSums> }>();

  /** @param values `blocks`, and their sum and sum of squares */
  add(service: string, id: string, second: number, measure: string, flagged: boolean, values: readonly number[]): void {
    const key = `${second}\n${service}\n${id}`;
    const entry = this.#blocks.get(key) ?? { service, id, second, measures: new Map<string, MeasureSums>() };
    this.#blocks.set(key, entry);
    const name = flagged ? `!${measure}` : measure;
    const sums = entry.measures.get(name) ?? { measure, flagged, blocks: 0, sum: 0, sumOfSquares: 0 };
    const [blocks = 0, sum = 0, squares = 0] = values;
    sums.blocks += fine(blocks);
    sums.sum += fine(sum);
    sums.sumOfSquares += coarse(squares);
    entry.measures.set(name, sums);
  }

  take(): Contribution[] {
    if (this.#blocks.size === 0) return [];
    const taken = [...this.#blocks.values()].map(
      ({ service, id, second, measures }): Contribution => ({
        entity: 'endpoint',
        service,
        id,
        second,
        sums: [],
        measures: [...measures.values()],
      }),
    );
    this.#blocks = new Map();
    return taken.sort((a, b) => a.second - b.second);
  }
}
