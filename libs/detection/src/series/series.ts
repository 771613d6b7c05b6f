/**
 * Judges a series, such as an endpoint's rate, latency or errors by the minute, point by point: what is expected
 * (series-forecast.ts), what is measured against it (six statistics, below), how rare that is in the series' own history
 * (series-tail.ts), and when to say so. Streaming, on event time, no look-ahead, one set of constants
 * (series-constants.ts), a state of fixed size.
 *
 *   next     value - expectation by season or the last points     a spike, a drop, a broken pattern
 *   usual    value - expectation by season or the slow level      a shift
 *   drift    mean of `usual` over a dozen points                  a small deviation that lasts
 *   unrest   mean of |usual| over a dozen points                  a pattern that no longer fits
 *   level    mean of 48 points                                    a place where the series never was
 *   spread   ln deviation of 144 points                           wilder, or calmer, than it ever was
 *
 *   surprise = mean of the six statistics' -ln P, each against its own history and two-sided
 *   score    = 1 - 2^-(surprise / line): one half at the line, as for rates
 *
 * The mean of -ln P is Fisher's combination (1932) but for the degrees of freedom, which six statistics of one series do
 * not have: they are dependent, so the line is set by experience, not by a table.
 */
import { Cells, DiscountedMean } from './series-cells.js';
import { HELD_SCORE, MOST_VALUE, RESOLUTION, SERIES, type SeriesConstants } from './series-constants.js';
import { Forecast } from './series-forecast.js';
import { Tails } from './series-tail.js';
import { Window } from './series-window.js';

export interface SeriesJudgement {
  /** 0..1; one half and more only where trouble begins. */
  score: number;
  /** Trouble begins here: surprise reached the line, and no onset within the pause stands for it already. */
  onset: boolean;
  /** Nats, on the mean over the statistics. */
  surprise: number;
  /** What the point was usually to be, in the series' own unit; undefined at the very first. */
  expected: number | undefined;
}

const STATISTICS = 6;
const SEEN = 0;
const LAST_ONSET = 1;
const ONSET_SURPRISE = 2;
const HEAD = 3;

export class SeriesDetector {
  /** All that the detector knows; a copy of it, given to the constructor, goes on where this one was. */
  readonly state: Float64Array;
  readonly #head: Float64Array;
  readonly #forecast: Forecast;
  readonly #window: Window;
  readonly #drift: DiscountedMean;
  readonly #unrest: DiscountedMean;
  readonly #tails: Tails[];

  /**
   * @param state a copy of the state of a detector with the same constants, or nothing for a new series
   * @param constants others than the product's, for measuring how much each of them matters
   * @throws RangeError where the state has another size
   */
  constructor(
    state?: Float64Array,
    private readonly constants: SeriesConstants = SERIES,
  ) {
    const length = HEAD + Forecast.length(constants) + Window.length(constants) + 4 + STATISTICS * Tails.length;
    this.state = state ?? new Float64Array(length);
    if (this.state.length !== length) throw new RangeError(`a series' state has ${length} numbers, not ${this.state.length}`);
    const cells = new Cells(this.state);
    this.#head = cells.take(HEAD);
    this.#forecast = new Forecast(cells, constants);
    this.#window = new Window(cells, constants);
    this.#drift = new DiscountedMean(cells, 1 / constants.driftPoints);
    this.#unrest = new DiscountedMean(cells, 1 / constants.driftPoints);
    this.#tails = Array.from({ length: STATISTICS }, () => new Tails(cells, constants));
  }

  /**
   * Judges the next point, then learns it. A point that is no finite number, or of no known time, is left out.
   * @param ts event time, milliseconds since the epoch; only its phase in the day and week is used, so that a clock that
   * jumps does no harm
   */
  judge(ts: number, value: number): SeriesJudgement {
    if (!Number.isFinite(value) || !Number.isFinite(ts)) return { score: 0, onset: false, surprise: 0, expected: undefined };
    const bounded = Math.max(-MOST_VALUE, Math.min(MOST_VALUE, value));
    const { next, usual } = this.#forecast.expect(ts);
    this.#forecast.learn(ts, bounded);
    this.#window.learn(bounded);
    const surprise = this.#surpriseOf(this.#measure(bounded, next, usual));
    const onset = this.#begins(surprise);
    const score = 1 - 2 ** (-surprise / this.constants.line);
    return { score: onset ? score : Math.min(score, HELD_SCORE), onset, surprise, expected: usual };
  }

  /** The six statistics; undefined ones are not known yet. */
  #measure(value: number, next: number | undefined, usual: number | undefined): (number | undefined)[] {
    const fromNext = next === undefined ? undefined : difference(value, next);
    const fromUsual = usual === undefined ? undefined : difference(value, usual);
    const drift = fromUsual === undefined ? undefined : this.#drift.learn(fromUsual);
    const unrest = fromUsual === undefined ? undefined : this.#unrest.learn(Math.abs(fromUsual));
    return [fromNext, fromUsual, drift, unrest, this.#window.level, this.#window.lnSpread];
  }

  #surpriseOf(measured: (number | undefined)[]): number {
    let sum = 0;
    for (let index = 0; index < STATISTICS; index += 1) {
      const value = measured[index];
      if (value !== undefined) sum += this.#tails[index]?.judge(value) ?? 0;
    }
    return sum / STATISTICS;
  }

  #begins(surprise: number): boolean {
    const { line, pauseShare, leastPausePoints, mostPausePoints, again } = this.constants;
    const head = this.#head;
    const seen = (head[SEEN] ?? 0) + 1;
    head[SEEN] = seen;
    if (surprise < line) return false;
    const last = head[LAST_ONSET] ?? 0;
    const pause = Math.min(mostPausePoints, Math.max(leastPausePoints, pauseShare * seen));
    if (last > 0 && seen - last < pause && surprise < again * (head[ONSET_SURPRISE] ?? 0)) return false;
    head[LAST_ONSET] = seen;
    head[ONSET_SURPRISE] = surprise;
    return true;
  }
}

/** Value minus expectation, where what is only rounding is nothing. */
function difference(value: number, expected: number): number {
  const between = value - expected;
  return Math.abs(between) <= RESOLUTION * Math.max(Math.abs(value), Math.abs(expected)) ? 0 : between;
}
