/**
 * How much is left of what was learnt, by how long ago it was. Blocks end on full minutes, so that closing them asks for few
 * different times: those asked for lately are kept, since a power costs more than all else about them.
 */
import { MEMORY_SECONDS } from '../constants.js';

const KEPT = 256;

export class Discounts {
  /** By place: the seconds, 0 where nothing is kept, and the discount. */
  readonly #seconds = new Float64Array(KEPT);
  readonly #discounts = new Float64Array(KEPT);

  /** @param seconds more than none */
  of(seconds: number): number {
    const place = (seconds ^ (seconds >>> 8)) & (KEPT - 1);
    if (this.#seconds[place] !== seconds) {
      this.#seconds[place] = seconds;
      this.#discounts[place] = 2 ** (-seconds / MEMORY_SECONDS);
    }
    return this.#discounts[place] ?? 1;
  }
}
