/**
 * The level (level.ts) of the actors of this shard alone, at this moment. What breaks out within seconds, the retries of an
 * outage or a batch on the hour, is over or has accused everybody before shards could tell each other: so in the windows of
 * seconds and of a minute a shard believes its own actors, a fair sample of everybody, where they are so far above the usual together that it
 * can be no chance. Whatever is less waits for the level of all, so that alerts do not hang on who sits in which shard.
 */
import { CLOCK_SLACK_SECONDS, RUSH_LEAST } from '../constants.js';
import { heldAfter, meanOf, surge } from './level.js';

/** The rush of one endpoint in one window. */
export class Rush {
  #bucket = 0;
  /** The bucket, as in level.ts. */
  readonly #row = { actors: 0, sum: 0, most: 0, held: 0 };
  readonly #seconds: number;

  constructor(windowSeconds: number) {
    this.#seconds = windowSeconds;
  }

  /** The actor's count in the bucket went up by one, to `count`. Logs of earlier buckets are left out. */
  note(second: number, count: number, expected: number): void {
    const bucket = Math.floor(second / this.#seconds);
    if (bucket !== this.#bucket && !this.#turn(bucket)) return;
    const row = this.#row;
    if (count <= 1) row.actors += 1;
    const after = surge(count, expected);
    if (after === 0) return;
    row.sum += after - surge(count - 1, expected);
    row.most = Math.max(row.most, after);
  }

  /** Factor by which everybody else is above the usual, 1 where that is no rush. `own`: this actor's own part in the present bucket. */
  above(second: number, own: number): number {
    const bucket = Math.floor(second / this.#seconds);
    const held = heldAfter(this.#row, bucket - this.#bucket);
    const others = bucket === this.#bucket ? meanOf(this.#row.sum - own, this.#row.actors) : 0;
    const above = Math.exp(Math.max(held, others));
    return above < RUSH_LEAST ? 1 : above;
  }

  state(): number[] {
    const { actors, sum, most, held } = this.#row;
    return [this.#bucket, actors, sum, most, held];
  }

  load(state: readonly number[]): void {
    const [bucket = 0, actors = 0, sum = 0, most = 0, held = 0] = state;
    this.#bucket = bucket;
    Object.assign(this.#row, { actors, sum, most, held });
  }

  /** Begins a later bucket; a jump back by more than an hour is a corrected clock, less is a late log (false). */
  #turn(bucket: number): boolean {
    if (bucket < this.#bucket && (this.#bucket - bucket) * this.#seconds <= CLOCK_SLACK_SECONDS + this.#seconds) return false;
    const held = bucket < this.#bucket ? 0 : heldAfter(this.#row, bucket - this.#bucket);
    Object.assign(this.#row, { actors: 0, sum: 0, most: 0, held });
    this.#bucket = bucket;
    return true;
  }
}
