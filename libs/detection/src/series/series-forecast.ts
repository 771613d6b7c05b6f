/**
 * What a series is expected to be: prediction with expert advice. The time of day, the time of the week and a level each
 * name a value; the one whose errors were smallest lately is believed. Without a season the level wins, so that an
 * aperiodic series is not harmed by the slots, and a season is in use as soon as it proves better.
 */
import { type Cells, DiscountedMean } from './series-cells.js';
import type { SeriesConstants } from './series-constants.js';

const DAY_MS = 86_400_000;

/** Means by slot of a period. A slot is learnt when it closes, so that a lasting deviation does not explain itself. */
class Season {
  readonly #open: Float64Array; // slot + 1 (0 is none), sum, points
  readonly #means: Float64Array;
  readonly #seen: Float64Array;

  constructor(
    cells: Cells,
    private readonly periodMs: number,
    private readonly slots: number,
    private readonly gain: number,
  ) {
    this.#open = cells.take(3);
    this.#means = cells.take(slots);
    this.#seen = cells.take(slots);
  }

  expected(ts: number): number | undefined {
    const slot = this.#slotOf(ts);
    return (this.#seen[slot] ?? 0) > 0 ? this.#means[slot] : undefined;
  }

  learn(ts: number, value: number): void {
    const slot = this.#slotOf(ts);
    const [open = 0, sum = 0, points = 0] = this.#open;
    if (open === slot + 1) {
      this.#open.set([open, sum + value, points + 1]);
      return;
    }
    if (open > 0) this.#close(open - 1, sum / points);
    this.#open.set([slot + 1, value, 1]);
  }

  #close(slot: number, mean: number): void {
    const seen = (this.#seen[slot] ?? 0) + 1;
    const before = this.#means[slot] ?? 0;
    this.#seen[slot] = seen;
    this.#means[slot] = before + (mean - before) * Math.max(this.gain, 1 / seen);
  }

  #slotOf(ts: number): number {
    const phase = ts / this.periodMs;
    return Math.min(this.slots - 1, Math.floor((phase - Math.floor(phase)) * this.slots));
  }

  static length(slots: number): number {
    return 3 + 2 * slots;
  }
}

export interface Expectation {
  /** The next point as the season or the last few points have it; undefined before anything is known. */
  next: number | undefined;
  /** The same with the slow level instead of the fast: what is usual. */
  usual: number | undefined;
}

const SEASONS = 2;
const EXPERTS = 4;

export class Forecast {
  readonly #day: Season;
  readonly #week: Season;
  readonly #slow: DiscountedMean;
  readonly #fast: DiscountedMean;
  readonly #errors: Float64Array;
  readonly #judged: Float64Array;

  constructor(
    cells: Cells,
    private readonly constants: SeriesConstants,
  ) {
    const { slotsPerDay, slotGain, slowGain, fastGain } = constants;
    this.#day = new Season(cells, DAY_MS, slotsPerDay, slotGain);
    this.#week = new Season(cells, 7 * DAY_MS, 7 * slotsPerDay, slotGain);
    this.#slow = new DiscountedMean(cells, slowGain);
    this.#fast = new DiscountedMean(cells, fastGain);
    this.#errors = cells.take(EXPERTS);
    this.#judged = cells.take(EXPERTS);
  }

  expect(ts: number): Expectation {
    const [day, week, slow, fast] = this.#named(ts);
    return { next: this.#best([day, week, undefined, fast]), usual: this.#best([day, week, slow, undefined]) };
  }

  learn(ts: number, value: number): void {
    for (const [expert, named] of this.#named(ts).entries()) {
      if (named === undefined) continue;
      const judged = (this.#judged[expert] ?? 0) + 1;
      const error = this.#errors[expert] ?? 0;
      this.#judged[expert] = judged;
      this.#errors[expert] = error + (Math.abs(value - named) - error) / Math.min(judged, this.constants.errorPoints);
    }
    this.#day.learn(ts, value);
    this.#week.learn(ts, value);
    this.#slow.learn(value);
    this.#fast.learn(value);
  }

  #named(ts: number): (number | undefined)[] {
    return [this.#day.expected(ts), this.#week.expected(ts), this.#slow.mean, this.#fast.mean];
  }

  #best(named: (number | undefined)[]): number | undefined {
    let best: number | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const [expert, value] of named.entries()) {
      const proven = expert >= SEASONS || (this.#judged[expert] ?? 0) > this.constants.proofPoints;
      const error = this.#errors[expert] ?? 0;
      if (value === undefined || !proven || error >= least) continue;
      best = value;
      least = error;
    }
    return best;
  }

  static length({ slotsPerDay }: SeriesConstants): number {
    return Season.length(slotsPerDay) + Season.length(7 * slotsPerDay) + 4 + 2 * EXPERTS;
  }
}
