/** A throttle's arithmetic, as bouncers do it (sdk/throttle.ts): GCRA (ITU-T I.371), one number, no cliff at a window's edge. */
import type { RateLimit } from '@plimsoll/contracts';

export class Pace {
  readonly #interval: number;
  /** How far ahead a client may be: a tenth of the limit, at least 5 requests, or all where the limit is smaller. */
  readonly #tolerance: number;
  #due = 0;

  constructor({ requests, windowSeconds }: RateLimit) {
    this.#interval = (windowSeconds * 1000) / requests;
    const burst = Math.max(1, Math.min(5, Math.floor(requests)), Math.floor(requests / 10));
    this.#tolerance = (burst - 1) * this.#interval;
  }

  /** @param now milliseconds. A request that is admitted is counted. */
  admits(now: number): boolean {
    if (this.#due - this.#tolerance > now + 1e-6) return false;
    this.#due = Math.max(this.#due, now) + this.#interval;
    return true;
  }
}
