/**
 * A second in the windows' measure: where the buckets and blocks begin that it lies in, and which part of the bucket before
 * is still covered. Worked out once for all logs of the second, not by divisions for each of them.
 */
import { WINDOWS } from '../constants.js';

export class Moment {
  /** By window: second at which the present bucket begins; share of the one before that the window still covers. */
  readonly begins = WINDOWS.map(() => 0);
  readonly covered = WINDOWS.map(() => 0.5);
  /** Second at which the present block begins. */
  readonly blockBegins = WINDOWS.map(() => 0);
  #second = -1;

  /** This moment, moved to another second. */
  at(second: number): this {
    if (second !== this.#second) this.#moveTo(second);
    return this;
  }

  #moveTo(second: number): void {
    this.#second = second;
    WINDOWS.forEach(({ seconds, blockSeconds }, window) => {
      const gone = second % seconds;
      this.begins[window] = second - gone;
      this.covered[window] = 1 - gone / seconds;
      this.blockBegins[window] = second - (second % blockSeconds);
    });
  }
}
