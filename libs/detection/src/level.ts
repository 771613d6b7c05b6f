/**
 * The present level of an endpoint: how far everybody on it is above the usual at this moment. In a sale, an outage with
 * its retries or a nightly batch all are, and nobody is to blame; an attacker alone moves it hardly at all.
 *
 *   level = exp( sum over the others of ln(count / expected), each cut to 0..ln LEVEL_MOST, / (others + LEVEL_PRIOR_ACTORS) )
 *
 * that is a geometric mean with a few assumed peers at their usual, over the actors active in the present bucket of ten
 * seconds. Closed buckets are held with a half-life, without their loudest actor, so that longer windows can drain.
 */
import { LEVEL_BUCKET_SECONDS, LEVEL_HALF_LIVES, LEVEL_MOST, LEVEL_PRIOR_ACTORS } from './constants.js';

const LN_MOST = Math.log(LEVEL_MOST);
/** The first requests of a bucket say nothing about a surge. */
const QUIET = 2;

/** An actor's part in the level: 0 at or below its expectation. */
export function surge(count: number, expected: number): number {
  if (count <= QUIET || count <= expected) return 0;
  return Math.min(LN_MOST, Math.log(count / expected));
}

export class Level {
  #bucket = 0;
  #actors = 0;
  #sum = 0;
  /** The loudest actor of the bucket. */
  #most = 0;
  readonly #held: [number, number, number] = [0, 0, 0];

  /** The actor's count in the bucket went up by one, to `count`. Logs of earlier buckets are left out. */
  note(second: number, count: number, expected: number): void {
    const bucket = Math.floor(second / LEVEL_BUCKET_SECONDS);
    if (bucket !== this.#bucket && !this.#turn(bucket)) return;
    if (count <= 1) this.#actors += 1;
    const after = surge(count, expected);
    if (after === 0) return;
    this.#sum += after - surge(count - 1, expected);
    this.#most = Math.max(this.#most, after);
  }

  /**
   * Factor by which everybody else is above the usual, at least 1.
   * @param window index of WINDOWS
   * @param own this actor's own part in the present bucket
   */
  above(second: number, window: number, own: number): number {
    const bucket = Math.floor(second / LEVEL_BUCKET_SECONDS);
    const held = this.#heldAt(window, bucket);
    if (bucket !== this.#bucket) return Math.exp(held);
    const others = Math.max(0, this.#actors - 1);
    return Math.exp(Math.max(held, Math.max(0, this.#sum - own) / (others + LEVEL_PRIOR_ACTORS)));
  }

  state(): number[] {
    return [this.#bucket, this.#actors, this.#sum, this.#most, ...this.#held];
  }

  load(state: readonly number[]): void {
    [this.#bucket = 0, this.#actors = 0, this.#sum = 0, this.#most = 0] = state;
    for (const window of [0, 1, 2]) this.#held[window] = state[4 + window] ?? 0;
  }

  #heldAt(window: number, bucket: number): number {
    const seconds = Math.max(0, bucket - this.#bucket - 1) * LEVEL_BUCKET_SECONDS;
    const closed = bucket > this.#bucket ? this.#closedLevel() : 0;
    const now = Math.max(this.#held[window] ?? 0, closed);
    return now * 2 ** (-seconds / (LEVEL_HALF_LIVES[window] ?? 1));
  }

  /** Level of the bucket without its loudest actor, as a logarithm. */
  #closedLevel(): number {
    return Math.max(0, this.#sum - this.#most) / (Math.max(0, this.#actors - 1) + LEVEL_PRIOR_ACTORS);
  }

  /** Begins a later bucket; a jump back by more than an hour is a corrected clock, less is a late log (false). */
  #turn(bucket: number): boolean {
    if (bucket < this.#bucket && (this.#bucket - bucket) * LEVEL_BUCKET_SECONDS <= 3600) return false;
    for (const window of [0, 1, 2]) {
      const decay = 2 ** (-LEVEL_BUCKET_SECONDS / (LEVEL_HALF_LIVES[window] ?? 1));
      this.#held[window] = bucket < this.#bucket ? 0 : this.#heldAt(window, bucket) * decay;
    }
    this.#bucket = bucket;
    this.#actors = 0;
    this.#sum = 0;
    this.#most = 0;
    return true;
  }
}
