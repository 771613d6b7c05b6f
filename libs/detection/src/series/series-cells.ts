/**
 * Where a series detector keeps its numbers: one Float64Array, handed out in pieces in a fixed order. So the whole state
 * is a buffer of known size that can be stored and taken up again, and no part can grow.
 */
export class Cells {
  #next = 0;

  constructor(readonly numbers: Float64Array) {}

  /** The next piece; it stays a view on the whole. */
  take(length: number): Float64Array {
    const piece = this.numbers.subarray(this.#next, this.#next + length);
    if (piece.length !== length) throw new RangeError(`a series' state of ${this.numbers.length} numbers is too short`);
    this.#next += length;
    return piece;
  }
}

/** An exponentially discounted mean that begins as the plain mean of what was seen. */
export class DiscountedMean {
  readonly #cells: Float64Array;

  constructor(
    cells: Cells,
    private readonly gain: number,
  ) {
    this.#cells = cells.take(2);
  }

  /** Undefined before the first value. */
  get mean(): number | undefined {
    return (this.#cells[1] ?? 0) > 0 ? this.#cells[0] : undefined;
  }

  learn(value: number): number {
    const cells = this.#cells;
    const [mean, seen] = [cells[0] ?? 0, cells[1] ?? 0];
    const after = mean + (value - mean) * Math.max(this.gain, 1 / (seen + 1));
    cells[0] = after;
    cells[1] = seen + 1;
    return after;
  }
}
