/**
 * How large the answers of an endpoint are: lognormal, from the answers of all sources. What is beyond three standard
 * deviations is taken in as if it lay there, and only when it was no theft. Gathered here, and told to the
 * endpoint's shard each hour, so that shards make no difference; what all together taught comes back with the population. What
 * an hour has brought so far is stored, but not of whom: after a restart each source counts in full once more.
 */
import type { Endpoint } from '../entities/endpoints.js';
import { coarse, fine } from '../statistics/exact.js';
import {
  HAUL_WINDOWS,
  LARGE_LEAST,
  LARGE_SPREADS,
  LEAST_ANSWERS,
  LEAST_SIZE_SPREAD,
  SIZE_PRIOR_ANSWERS,
  SIZE_SPREAD,
} from './constants.js';
import type { Commons, Everyone, NormLedger } from './norms.js';

const SIZE = 'size';
const HOUR = HAUL_WINDOWS[0].seconds;

/** Sources of one hour and shard that are heard: as good a sample as any, and no shared places, which would be others in each shard. */
const MOST_SOURCES = 1_024;

/** An endpoint's sizes, as this shard knows them. */
export class Sizes {
  /** Of the logarithm; meaningless while `large` is infinite. */
  mean = 0;
  spread = SIZE_SPREAD;
  answers = 0;
  /** Answers above it are large; infinite while too little is known. */
  large = Number.POSITIVE_INFINITY;
  #version = 0;
  /** Answers to each source in this hour. */
  readonly #bySource = new Map<number, number>();
  /** The earliest hour of what was noted; infinite where nothing was. */
  #hour = Number.POSITIVE_INFINITY;
  #count = 0;
  #sum = 0;
  #squares = 0;

  constructor(
    readonly service: string,
    readonly name: string,
    readonly everyone: Everyone,
  ) {}

  refresh(): void {
    if (this.#version === this.everyone.version) return;
    this.#version = this.everyone.version;
    const known = this.everyone.of(SIZE);
    if (!known || known.blocks < LEAST_ANSWERS) return;
    this.answers = known.blocks;
    this.mean = known.mean;
    const variance =
      (SIZE_PRIOR_ANSWERS * SIZE_SPREAD ** 2 + known.blocks * known.variance) / (SIZE_PRIOR_ANSWERS + known.blocks);
    // Of the next answer: around a mean that is known from so many.
    this.spread = Math.max(LEAST_SIZE_SPREAD, Math.sqrt(variance * (1 + 1 / known.blocks)));
    this.large = Math.exp(this.mean) * Math.max(LARGE_LEAST, Math.exp(LARGE_SPREADS * this.spread));
  }

  /** Further answers to the same source within the hour count less and less: one source's exports are not everybody's. */
  note(bytes: number, source: number, second: number): void {
    const size = Math.log(Math.min(bytes, this.large));
    const before = this.#bySource.get(source) ?? 0;
    if (before === 0 && this.#bySource.size >= MOST_SOURCES) return;
    this.#bySource.set(source, before + 1);
    this.#hour = Math.min(this.#hour, Math.floor(second / HOUR));
    const answers = 1 / (1 + before);
    this.#count += fine(answers);
    this.#sum += fine(answers * size);
    this.#squares += coarse(answers * size * size);
  }

  /** @returns whether there was an hour to be told that is over */
  tell(ledger: NormLedger, second: number): boolean {
    if (this.#hour >= Math.floor(second / HOUR)) return false;
    ledger.add(this.service, this.name, second, SIZE, false, [this.#count, this.#sum, this.#squares]);
    this.#bySource.clear();
    this.#hour = Number.POSITIVE_INFINITY;
    this.#count = 0;
    this.#sum = 0;
    this.#squares = 0;
    return true;
  }

  /** What was noted and not told yet: hour, count, sum, squares; the count is 0 where there is nothing. */
  state(): number[] {
    return this.#count === 0 ? [0, 0, 0, 0] : [this.#hour, this.#count, this.#sum, this.#squares];
  }

  load([hour = 0, count = 0, sum = 0, squares = 0]: readonly number[]): void {
    this.#hour = count > 0 ? hour : Number.POSITIVE_INFINITY;
    this.#count = count;
    this.#sum = sum;
    this.#squares = squares;
  }
}

export class AllSizes {
  readonly #commons: Commons;
  readonly #byEndpoint: (Sizes | undefined)[] = [];
  readonly #byName = new Map<string, Sizes>();
  readonly #noted = new Set<Sizes>();
  readonly #dirty = new Set<Sizes>();

  constructor(commons: Commons) {
    this.#commons = commons;
  }

  of(endpoint: Endpoint): Sizes {
    const known = this.#byEndpoint[endpoint.index];
    if (known) return known;
    const sizes = this.named(endpoint.service, endpoint.name);
    this.#byEndpoint[endpoint.index] = sizes;
    return sizes;
  }

  named(service: string, name: string): Sizes {
    const key = `${service}\n${name}`;
    const sizes = this.#byName.get(key) ?? new Sizes(service, name, this.#commons.of(service, name));
    this.#byName.set(key, sizes);
    return sizes;
  }

  /** @param source its index */
  note(sizes: Sizes, bytes: number, source: number, second: number): void {
    this.#noted.add(sizes);
    this.#dirty.add(sizes);
    sizes.note(bytes, source, second);
  }

  tellAll(ledger: NormLedger, second: number): void {
    for (const sizes of this.#noted) {
      if (!sizes.tell(ledger, second)) continue;
      this.#noted.delete(sizes);
      this.#dirty.add(sizes);
    }
  }

  takeChanges(put: (name: string, state: unknown) => void): void {
    for (const sizes of this.#dirty) put(JSON.stringify([sizes.service, sizes.name]), sizes.state());
    this.#dirty.clear();
  }

  /** Throws where it cannot be read. */
  load(key: string, state: unknown): void {
    const [service, name]: unknown[] = JSON.parse(key);
    if (typeof service !== 'string' || typeof name !== 'string' || !Array.isArray(state) || !state.every(Number.isFinite))
      throw new TypeError('sizes of another version');
    const sizes = this.named(service, name);
    sizes.load(state);
    if (state[1] > 0) this.#noted.add(sizes);
  }
}
