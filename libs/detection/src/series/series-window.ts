/**
 * Mean of the last few points and spread of the last many, from one ring with running sums. The sums are taken about the
 * first value seen and anew on each round, so that rounding neither grows nor looks like a spread.
 */
import type { Cells } from './series-cells.js';
import type { SeriesConstants } from './series-constants.js';

const SEEN = 0;
const ORIGIN = 1;
const LEVEL_SUM = 2;
const SUM = 3;
const SQUARES = 4;
const TYPICAL = 5;
const HEAD = 6;

export class Window {
  readonly #head: Float64Array;
  readonly #ring: Float64Array;

  constructor(
    cells: Cells,
    private readonly constants: SeriesConstants,
  ) {
    this.#head = cells.take(HEAD);
    this.#ring = cells.take(constants.spreadPoints);
  }

  /** Mean of the last `levelPoints`, about the first value; undefined until there are so many. */
  get level(): number | undefined {
    const { levelPoints } = this.constants;
    return this.#at(SEEN) < levelPoints ? undefined : this.#at(LEVEL_SUM) / levelPoints;
  }

  /** Logarithm of the standard deviation of the last `spreadPoints`, floored; undefined until there are so many, or while nothing moved. */
  get lnSpread(): number | undefined {
    const { spreadPoints, spreadFloor } = this.constants;
    const typical = this.#at(TYPICAL);
    if (this.#at(SEEN) < spreadPoints || typical === 0) return undefined;
    return Math.log(this.#deviation() + spreadFloor * typical);
  }

  learn(value: number): void {
    const { spreadPoints, levelPoints, typicalPoints } = this.constants;
    const head = this.#head;
    const seen = this.#at(SEEN);
    if (seen === 0) head[ORIGIN] = value;
    const centred = value - this.#at(ORIGIN);
    const oldest = this.#ring[seen % spreadPoints] ?? 0;
    const leaving = seen < levelPoints ? 0 : (this.#ring[(seen - levelPoints) % spreadPoints] ?? 0);
    this.#ring[seen % spreadPoints] = centred;
    head[SEEN] = seen + 1;
    head[LEVEL_SUM] = this.#at(LEVEL_SUM) + centred - leaving;
    head[SUM] = this.#at(SUM) + centred - oldest;
    head[SQUARES] = this.#at(SQUARES) + centred * centred - oldest * oldest;
    if ((seen + 1) % spreadPoints === 0) this.#sumAnew();
    head[TYPICAL] = this.#at(TYPICAL) + (this.#deviation() - this.#at(TYPICAL)) / Math.min(seen + 1, typicalPoints);
  }

  #deviation(): number {
    const points = Math.min(this.#at(SEEN), this.constants.spreadPoints);
    const mean = this.#at(SUM) / points;
    return Math.sqrt(Math.max(0, this.#at(SQUARES) / points - mean * mean));
  }

  /** At the end of a round, when the ring lies in order. */
  #sumAnew(): void {
    const { levelPoints } = this.constants;
    const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
    this.#head[LEVEL_SUM] = sum(this.#ring.subarray(this.#ring.length - levelPoints));
    this.#head[SUM] = sum(this.#ring);
    this.#head[SQUARES] = this.#ring.reduce((total, value) => total + value * value, 0);
  }

  #at(cell: number): number {
    return this.#head[cell] ?? 0;
  }

  static length({ spreadPoints }: SeriesConstants): number {
    return HEAD + spreadPoints;
  }
}
