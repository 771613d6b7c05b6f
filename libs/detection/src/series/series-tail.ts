/**
 * How rare a number is against a statistic's own history, without a distribution assumed for its body: peaks over
 * threshold (Pickands 1975; streaming as in Siffer et al. 2017), with an exponential tail. In O(1): a mark that the
 * history exceeds in `tailShare` of its points, moved by stochastic approximation (Robbins and Monro 1951), and the mean
 * excess beyond it.
 *
 *   P(X > x) = tailShare exp(-(x - mark) / excess)        surprise = -ln P, in nats, 0 below the mark
 *   excess   = (tailPrior * distance + sum of excesses) / (tailPrior + exceedances)
 */
import type { Cells } from './series-cells.js';
import type { SeriesConstants } from './series-constants.js';

const SEEN = 0;
const MARK = 1;
const DISTANCE = 2;
const EXCESS = 3;
const EXCEEDED = 4;
const LENGTH = 5;

/** The upper tail of a history. */
export class Tail {
  readonly #cells: Float64Array;

  constructor(
    cells: Cells,
    private readonly constants: SeriesConstants,
  ) {
    this.#cells = cells.take(LENGTH);
  }

  /** -ln of the probability of a value this great or greater, at most as much as the points seen can prove. */
  surprise(value: number): number {
    const { tailShare, tailPoints, tailPrior, warmUpPoints, evidencePower } = this.constants;
    const cells = this.#cells;
    const seen = cells[SEEN] ?? 0;
    const beyond = value - (cells[MARK] ?? 0);
    if (seen < warmUpPoints || beyond <= 0) return 0;
    const weight = Math.min(cells[EXCEEDED] ?? 0, tailPoints * tailShare);
    const scale = (tailPrior * (cells[DISTANCE] ?? 0) + weight * (cells[EXCESS] ?? 0)) / (tailPrior + weight);
    const most = evidencePower * Math.log(seen + 2);
    // A history that never moved gives no scale: any change is as rare as the evidence allows.
    return scale > 0 ? Math.min(most, beyond / scale - Math.log(tailShare)) : most;
  }

  learn(value: number): void {
    const { tailShare, tailPoints, markStep } = this.constants;
    const cells = this.#cells;
    const [seen, mark, distance] = [cells[SEEN] ?? 0, cells[MARK] ?? 0, cells[DISTANCE] ?? 0];
    cells[SEEN] = seen + 1;
    if (seen === 0) {
      cells[MARK] = value;
      return;
    }
    const beyond = value - mark;
    const weight = Math.min(seen + 1, tailPoints);
    if (beyond > 0) {
      const [excess, exceeded] = [cells[EXCESS] ?? 0, cells[EXCEEDED] ?? 0];
      cells[EXCEEDED] = exceeded + 1;
      cells[EXCESS] = excess + (beyond - excess) / Math.min(exceeded + 1, tailPoints * tailShare);
    }
    const newDistance = distance + (Math.abs(beyond) - distance) / weight;
    cells[DISTANCE] = newDistance;
    const step = (newDistance * markStep) / (2 * weight);
    cells[MARK] = mark + (beyond > 0 ? (step * (1 - tailShare)) / tailShare : -step);
  }
}

/** Both tails of a history. */
export class Tails {
  readonly #upper: Tail;
  readonly #lower: Tail;

  constructor(cells: Cells, constants: SeriesConstants) {
    this.#upper = new Tail(cells, constants);
    this.#lower = new Tail(cells, constants);
  }

  /** Surprise of the value, then learns it: score before learn. */
  judge(value: number): number {
    const surprise = Math.max(this.#upper.surprise(value), this.#lower.surprise(-value));
    this.#upper.learn(value);
    this.#lower.learn(-value);
    return surprise;
  }

  /** Numbers that both need. */
  static readonly length = 2 * LENGTH;
}
