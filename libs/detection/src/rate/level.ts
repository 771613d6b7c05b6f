/**
 * The present level of an endpoint: how far everybody on it is above the usual at this moment. In a sale, an outage with
 * its retries or a nightly batch all are, and nobody is to blame; an attacker alone moves it hardly at all.
 *
 *   level = exp( sum over the others of ln(count / expected), each cut to 0..ln LEVEL_MOST, / (others + LEVEL_PRIOR_ACTORS) )
 *
 * that is a geometric mean with a few assumed peers at their usual, over the actors active in the present bucket of
 * the window. Closed buckets are held with a half-life, without their loudest actor, so that the window can drain.
 *
 * "Everybody" sits in many shards: each tells what its actors add with its pulses (crowd/pulses.ts), the service's shard adds
 * it up (levels.ts) and tells all. Whole numbers, so that their sum is the same in whatever order they come; and a log is judged
 * by what was so LEVEL_LAG_SECONDS before it, so that the level is a function of event times alone, not of who sits in which
 * shard, or of who heard first. There is one of a minute, which bursts of seconds are judged by too, and one of an hour. What breaks
 * out sooner than that is rush.ts's matter.
 */
import { LEVEL_HALF_LIFE_WINDOWS, LEVEL_LAG_SECONDS, LEVEL_MOST, LEVEL_PRIOR_ACTORS, WINDOWS } from '../constants.js';
import type { LevelRow, Stir } from '../contribution.js';

/** The shortest of WINDOWS that has a level of its own: a minute. */
export const SHORTEST_LEVEL = 1;
const LN_MOST = Math.log(LEVEL_MOST);
const DECAY = 2 ** (-1 / LEVEL_HALF_LIFE_WINDOWS);
/** The first requests of a bucket say nothing about a surge. */
export const QUIET = 2;
/** Surges are whole numbers of a logarithm's 65,536th. */
const UNIT = 65_536;

/** An actor's part in the level, a whole number: 0 at or below its expectation. */
export function surge(count: number, expected: number): number {
  if (count <= QUIET || count <= expected) return 0;
  return Math.round(UNIT * Math.min(LN_MOST, Math.log(count / expected)));
}

/** The bucket with what another stretch of time brings; the next one where that lies in a later bucket. */
export function after(row: LevelRow, second: number, [window, actors, sum, most]: Stir): LevelRow {
  const passed = bucketOf(window, second) - bucketOf(window, row.second);
  if (passed > 0) return { second, actors, sum, most, held: heldAfter(row, passed) };
  return {
    second: Math.max(row.second, second),
    actors: row.actors + actors,
    sum: row.sum + sum,
    most: Math.max(row.most, most),
    held: row.held,
  };
}

export const bucketOf = (window: number, second: number) => Math.floor(second / (WINDOWS[window]?.seconds ?? 1));

/** The level of one endpoint in one window, as a shard of actors was told of it. */
export class Level {
  /** In order of their seconds. */
  #rows: readonly LevelRow[] = [];
  readonly #window: number;

  /** @param window an index of WINDOWS */
  constructor(window: number) {
    this.#window = window;
  }

  /** The newest row, to be stored. */
  get newest(): readonly LevelRow[] {
    return this.#rows.slice(-1);
  }

  take(rows: readonly LevelRow[]): void {
    this.#rows = rows;
  }

  /**
   * Factor by which everybody else is above the usual for a log of `second`, at least 1.
   * @param own this actor's own part in the present bucket
   */
  above(second: number, own: number): number {
    // Of a time before all that is kept the oldest that is known says more than nothing.
    const row = this.#rowAt(second - LEVEL_LAG_SECONDS) ?? this.#rows[0];
    if (!row) return 1;
    const passed = bucketOf(this.#window, second) - bucketOf(this.#window, row.second);
    if (passed > 0) return Math.exp(heldAfter(row, passed));
    // The own part of then is not known any more: it was no more than that of now, nor than the loudest one's of then.
    return Math.exp(Math.max(row.held, meanOf(row.sum - Math.min(own, row.most), row.actors)));
  }

  #rowAt(second: number): LevelRow | undefined {
    for (let at = this.#rows.length - 1; at >= 0; at -= 1) {
      const row = this.#rows[at];
      if (row && row.second <= second) return row;
    }
    return undefined;
  }
}

/** What is held when so many buckets have begun since. The loudest actor of the bucket that closes is left out. */
export function heldAfter({ actors, sum, most, held }: Omit<LevelRow, 'second'>, passed: number): number {
  if (passed <= 0) return held;
  return Math.max(held * DECAY, meanOf(sum - most, actors)) * DECAY ** (passed - 1);
}

/** The mean surge of all of so many actors but one, a logarithm; `sum`: of those others. */
export const meanOf = (sum: number, actors: number): number =>
  Math.max(0, sum) / UNIT / (Math.max(0, actors - 1) + LEVEL_PRIOR_ACTORS);
