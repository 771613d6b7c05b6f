/**
 * The population of each endpoint, learnt by the endpoint's shard from the closed blocks of all actors (stage two) and
 * published as everybody's prior. Discounted sums with the model's memory; one record an endpoint. What most actors do is
 * the norm even where it is beyond what was assumed: a page that makes fifty calls must not accuse everybody who opens it.
 */
import { MAJORITY_BLOCKS, MAJORITY_LEAST, MEMORY_SECONDS, WINDOWS } from '../constants.js';
import type { BlockSums, EndpointContribution, Population } from '../contribution.js';
import { absorbMeasures, type Norms, publishedNorms } from '../objects/norms.js';
import { MAX_SEASONS } from './constants.js';
import { Season, type UnderWay } from './season.js';

interface Learnt {
  service: string;
  endpoint: string;
  /** Second up to which the sums are discounted. */
  second: number;
  /** Blocks, sum and sum of squares of each window. */
  sums: [number, number, number][];
  /** Recent weight of ordinary and of flagged blocks, by window. */
  recent: [ordinary: number, flagged: number][];
  /** Other measures than the pace. */
  norms?: Norms;
  /** Of the season: the hours that are not over. */
  underWay?: UnderWay;
}

export class Populations {
  /** Endpoints that were not taken in, because there are too many. */
  overflowed = 0;
  readonly #records = new Map<string, Learnt>();
  readonly #changed = new Set<string>();
  readonly #dirty = new Set<string>();
  readonly #seasons = new Map<string, Season>();
  /** Seasons that learnt an hour. */
  readonly #turned = new Set<string>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  absorb(contribution: EndpointContribution): void {
    const key = JSON.stringify([contribution.service, contribution.id]);
    const record = this.#recordOf(key, contribution);
    if (!record) return;
    const idle = Math.max(0, contribution.second - record.second);
    record.second = Math.max(record.second, contribution.second);
    const season = this.#seasonOf(key);
    const means = record.sums.map(([blocks, sum]) => (blocks > 0 ? sum / blocks : 0));
    for (let window = 0; window < WINDOWS.length; window += 1) {
      const { blocks, sum } = absorbWindow(record, window, idle, contribution.sums);
      if (blocks > 0 && season?.add(window, contribution.second, blocks, sum, means)) this.#turned.add(key);
    }
    if (season) record.underWay = season.underWay;
    if (contribution.measures) record.norms = absorbMeasures(record.norms, contribution.measures, contribution.second);
    this.#changed.add(key);
    this.#dirty.add(key);
  }

  /** Populations that changed since the last take. */
  take(): Population[] {
    const taken = [...this.#changed].flatMap((key) => {
      const record = this.#records.get(key);
      return record ? [publication(record, this.#seasons.get(key))] : [];
    });
    this.#changed.clear();
    return taken;
  }

  takeChanges(put: (key: string, state: unknown) => void): void {
    for (const key of this.#dirty) put(key, this.#records.get(key));
    this.#dirty.clear();
  }

  /** Seasons that learnt an hour since the last take: bytes, for they are large and change once an hour. */
  takeSeasons(put: (key: string, state: Uint8Array) => void): void {
    for (const key of this.#turned) put(key, (this.#seasons.get(key) as Season).state());
    this.#turned.clear();
  }

  load(key: string, state: unknown): void {
    const record = state as Learnt;
    if (this.#records.size >= this.#capacity || !Array.isArray(record.sums)) return;
    this.#records.set(key, record);
    const season = record.underWay && this.#seasonOf(key);
    if (season && record.underWay) season.underWay = record.underWay;
  }

  /** @returns whether it could be read */
  loadSeason(key: string, state: Uint8Array): boolean {
    return this.#seasonOf(key)?.load(state) ?? true;
  }

  /** Undefined where there are too many: an endpoint without one has no season. */
  #seasonOf(key: string): Season | undefined {
    const known = this.#seasons.get(key);
    if (known || this.#seasons.size >= MAX_SEASONS) return known;
    const season = new Season();
    this.#seasons.set(key, season);
    return season;
  }

  #recordOf(key: string, { service, id, second }: EndpointContribution): Learnt | undefined {
    const known = this.#records.get(key);
    if (known) return known;
    if (this.#records.size >= this.#capacity) {
      this.overflowed += 1;
      return undefined;
    }
    const record: Learnt = { service, endpoint: id, second, sums: [], recent: [] };
    this.#records.set(key, record);
    return record;
  }
}

/** Flagged blocks are taken in only while they are what most actors do. Returns what was taken in. */
function absorbWindow(record: Learnt, window: number, idle: number, sums: readonly BlockSums[]): { blocks: number; sum: number } {
  const { seconds, blockSeconds } = WINDOWS[window] as (typeof WINDOWS)[number];
  const partOf = (flagged: boolean) => sums.find((part) => part.windowSeconds === seconds && part.flagged === flagged);
  const ordinary = partOf(false);
  const flagged = partOf(true);
  const fading = 2 ** (-idle / (MAJORITY_BLOCKS * blockSeconds));
  const [ordinaryBefore, flaggedBefore] = record.recent[window] ?? [0, 0];
  const recent: [number, number] = [
    ordinaryBefore * fading + finite(ordinary?.blocks),
    flaggedBefore * fading + finite(flagged?.blocks),
  ];
  record.recent[window] = recent;
  const most = recent[1] >= MAJORITY_LEAST && recent[1] > recent[0];
  const decay = 2 ** (-idle / MEMORY_SECONDS);
  const [blocks, sum, squares] = record.sums[window] ?? [0, 0, 0];
  const added: [number, number, number] = [0, 0, 0];
  for (const part of most ? [ordinary, flagged] : [ordinary]) {
    added[0] += finite(part?.blocks);
    added[1] += finite(part?.sum);
    added[2] += finite(part?.sumOfSquares);
  }
  record.sums[window] = [blocks * decay + added[0], sum * decay + added[1], squares * decay + added[2]];
  return { blocks: added[0], sum: added[1] };
}

const finite = (value: number | undefined) => (value !== undefined && Number.isFinite(value) && value > 0 ? value : 0);

function publication({ service, endpoint, sums, norms }: Learnt, season: Season | undefined): Population {
  const statistics = WINDOWS.flatMap(({ seconds }, window) => {
    const [blocks = 0, sum = 0, squares = 0] = sums[window] ?? [];
    if (blocks <= 0) return [];
    const mean = sum / blocks;
    return [{ windowSeconds: seconds, blocks, mean, variance: Math.max(0, squares / blocks - mean * mean) }];
  });
  const factors = season?.factors.some(({ length }) => length > 0) ? { season: season.factors } : {};
  return { service, endpoint, statistics, ...(norms ? publishedNorms(norms) : {}), ...factors };
}
