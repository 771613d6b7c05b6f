/**
 * The present level of an endpoint: how far everybody on it is above the usual at this moment. In a sale, an outage with
 * its retries or a nightly batch all are, and nobody is to blame; an attacker alone moves it hardly at all.
 *
 *   level = exp( sum over the others of ln(count / expected), each cut to 0..ln LEVEL_MOST, / (others + LEVEL_PRIOR_ACTORS) )
 *
 * that is a geometric mean with a few assumed peers at their usual, over the actors active in the present bucket of
 * the window. Closed buckets are held with a half-life, without their loudest actor, so that the window can drain.
 */
import { CLOCK_SLACK_SECONDS, LEVEL_HALF_LIFE_WINDOWS, LEVEL_MOST, LEVEL_PRIOR_ACTORS } from '../constants.js';

const LN_MOST = Math.log(LEVEL_MOST);
/** The first requests of a bucket say nothing about a surge. */
export const QUIET = 2;

/** An actor's part in the level: 0 at or below its expectation. */
export function surge(count: number, expected: number): number {
  if (count <= QUIET || count <= expected) return 0;
  return Math.min(LN_MOST, Math.log(count / expected));
}

/** The level of one endpoint in one window. Levels are kept as logarithms. */
export class Level {
  #bucket = 0;
  #actors = 0;
  #sum = 0;
  /** The loudest actor of the bucket. */
  #most = 0;
  /** Of the buckets before, decayed to this one. */
  #held = 0;
  readonly #seconds: number;

  constructor(windowSeconds: number) {
    this.#seconds = windowSeconds;
  }

  /** The actor's count in the bucket went up by one, to `count`. Logs of earlier buckets are left out. */
  note(second: number, count: number, expected: number): void {
    const bucket = Math.floor(second / this.#seconds);
    if (bucket !== this.#bucket && !this.#turn(bucket)) return;
    if (count <= 1) this.#actors += 1;
    const after = surge(count, expected);
    if (after === 0) return;
    this.#sum += after - surge(count - 1, expected);
    this.#most = Math.max(this.#most, after);
  }

  /** Factor by which everybody else is above the usual, at least 1. `own`: this actor's own part in the present bucket. */
  above(second: number, own: number): number {
    const bucket = Math.floor(second / this.#seconds);
    const held = this.#heldAt(bucket);
    if (bucket !== this.#bucket) return Math.exp(held);
    const others = Math.max(0, this.#actors - 1);
    return Math.exp(Math.max(held, Math.max(0, this.#sum - own) / (others + LEVEL_PRIOR_ACTORS)));
  }

  state(): number[] {
    return [this.#bucket, this.#actors, this.#sum, this.#most, this.#held];
  }

  load(state: readonly number[]): void {
    [this.#bucket = 0, this.#actors = 0, this.#sum = 0, this.#most = 0, this.#held = 0] = state;
  }

  #heldAt(bucket: number): number {
    const passed = bucket - this.#bucket;
    if (passed <= 0) return this.#held;
    // Without its loudest actor, the bucket that closes is held from the moment it closes.
    const closed = Math.max(0, this.#sum - this.#most) / (Math.max(0, this.#actors - 1) + LEVEL_PRIOR_ACTORS);
    const decay = 2 ** (-1 / LEVEL_HALF_LIFE_WINDOWS);
    return Math.max(this.#held * decay, closed) * decay ** (passed - 1);
  }

  /** Begins a later bucket; a jump back by more than an hour is a corrected clock, less is a late log (false). */
  #turn(bucket: number): boolean {
    if (bucket < this.#bucket && (this.#bucket - bucket) * this.#seconds <= CLOCK_SLACK_SECONDS + this.#seconds) return false;
    this.#held = bucket < this.#bucket ? 0 : this.#heldAt(bucket);
    this.#bucket = bucket;
    this.#actors = 0;
    this.#sum = 0;
    this.#most = 0;
    return true;
  }
}
