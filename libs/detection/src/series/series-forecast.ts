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
    const cells = this.#open;
    const [open, sum, points] = [cells[0] ?? 0, cells[1] ?? 0, cells[2] ?? 0];
    const goesOn = open === slot + 1;
    if (!goesOn && open > 0) this.#close(open - 1, sum / points);
    cells[0] = slot + 1;
    cells[1] = goesOn ? sum + value : value;
    cells[2] = goesOn ? points + 1 : 1;
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

/** What one of them names, and its mean error. */
interface Advice {
  value: number;
  error: number;
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
    const [day, week] = [this.#day.expected(ts), this.#week.expected(ts)];
    const [ofDay, ofWeek] = [this.#errorOf(0, day), this.#errorOf(1, week)];
    const [season, least] = ofWeek < ofDay ? [week, ofWeek] : [ofDay < Number.POSITIVE_INFINITY ? day : undefined, ofDay];
    const [slow, fast] = [this.#slow.mean, this.#fast.mean];
    return { next: this.#errorOf(3, fast) < least ? fast : season, usual: this.#errorOf(2, slow) < least ? slow : season };
  }

  /** What is usual then, and how far that was off on the mean of late; undefined before anything is known. */
  usual(ts: number): Advice | undefined {
    let best: Advice | undefined;
    for (const [expert, value] of [this.#day.expected(ts), this.#week.expected(ts), this.#slow.mean].entries()) {
      const error = this.#errorOf(expert, value);
      if (value !== undefined && error < (best?.error ?? Number.POSITIVE_INFINITY)) best = { value, error };
    }
    return best;
  }

  learn(ts: number, value: number): void {
    this.#judge(0, this.#day.expected(ts), value);
    this.#judge(1, this.#week.expected(ts), value);
    this.#judge(2, this.#slow.mean, value);
    this.#judge(3, this.#fast.mean, value);
    this.#day.learn(ts, value);
    this.#week.learn(ts, value);
    this.#slow.learn(value);
    this.#fast.learn(value);
  }

  /** What the expert named is compared with what came. */
  #judge(expert: number, named: number | undefined, value: number): void {
    if (named === undefined) return;
    const judged = (this.#judged[expert] ?? 0) + 1;
    const error = this.#errors[expert] ?? 0;
    this.#judged[expert] = judged;
    this.#errors[expert] = error + (Math.abs(value - named) - error) / Math.min(judged, this.constants.errorPoints);
  }

  /** How far the expert was off lately; infinite where it names nothing, or is not proven. */
  #errorOf(expert: number, named: number | undefined): number {
    const proven = expert >= SEASONS || (this.#judged[expert] ?? 0) > this.constants.proofPoints;
    return named === undefined || !proven ? Number.POSITIVE_INFINITY : (this.#errors[expert] ?? 0);
  }

  static length({ slotsPerDay }: SeriesConstants): number {
    return Season.length(slotsPerDay) + Season.length(7 * slotsPerDay) + 4 + 2 * EXPERTS;
  }
}
