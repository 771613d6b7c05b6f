/**
 * The level (level.ts) of the actors of this shard alone, at this moment. What breaks out within seconds, the retries of an
 * outage or a batch on the hour, is over or has accused everybody before shards could tell each other: so in the windows of
 * seconds and of a minute a shard believes its own actors, a fair sample of everybody, where they are so far above the usual together that it
 * can be no chance. Whatever is less waits for the level of all, so that alerts do not hang on who sits in which shard.
 */
import { CLOCK_SLACK_SECONDS, LEVEL_HALF_LIFE_WINDOWS, LEVEL_PRIOR_ACTORS, RUSH_LEAST } from '../constants.js';
import { surge, UNIT } from './level.js';

/** The rush of one endpoint in one window. */
export class Rush {
  #bucket = 0;
  #actors = 0;
  #sum = 0;
  /** The loudest actor of the bucket. */
  #most = 0;
  /** Of the buckets before, decayed to this one: a logarithm. */
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

  /** Factor by which everybody else is above the usual, 1 where that is no rush. `own`: this actor's own part in the present bucket. */
  above(second: number, own: number): number {
    const bucket = Math.floor(second / this.#seconds);
    const held = this.#heldAt(bucket);
    const others = bucket === this.#bucket ? level(this.#sum - own, this.#actors) : 0;
    const above = Math.exp(Math.max(held, others));
    return above < RUSH_LEAST ? 1 : above;
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
    const decay = 2 ** (-1 / LEVEL_HALF_LIFE_WINDOWS);
    return Math.max(this.#held * decay, level(this.#sum - this.#most, this.#actors)) * decay ** (passed - 1);
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

/** Of all actors but one, a logarithm. */
const level = (sum: number, actors: number) => Math.max(0, sum) / UNIT / (Math.max(0, actors - 1) + LEVEL_PRIOR_ACTORS);
