/**
 * The season of an endpoint's population: by how much the hour of the week lifts or lowers what everyone does there. Learnt by
 * the endpoint's shard, one observation for each hour that is over, and believed as soon as it has erred less than no season:
 *
 *   x         ln(mean of the hour's blocks / mean of all), cut to ± ln SEASON_MOST, at weight w = W / (W + P) of its W blocks
 *   none      0
 *   day       by time of day:                       24 slots  \
 *   weekend   by time of day, weekday or weekend:   48 slots   > sum of w x / (sum of w + 1), half-life SEASON_SECONDS
 *   week      by hour of the week:                 168 slots  /
 *   errors    of each of the four, sum of w (x - what it expected)², taken before x is learnt, half-life SEASON_TRIAL_SECONDS
 *
 * Believed is what erred least lately, of equals the simplest: a time of day counts from its second day on, a weekend from the
 * second one on, and a population without season keeps none. Hours are those of UTC.
 */
import { POPULATION_PRIOR_BLOCKS, WINDOWS } from '../constants.js';
import { SEASON_LEAD, SEASON_MOST, SEASON_SECONDS, SEASON_TRIAL_SECONDS } from './constants.js';

const HOUR = 3600;
const DAY_HOURS = 24;
export const WEEK_HOURS = 168;
/** The epoch began on a Thursday; weeks begin on a Monday here. */
const FIRST_HOUR = 3 * DAY_HOURS;
const WEEKDAYS = 5;
const LN_MOST = Math.log(SEASON_MOST);
/** Days of the week (Monday is 0) that a basis takes together with `day`. */
const TOGETHER: readonly ((day: number) => readonly [from: number, to: number])[] = [
  () => [0, 7],
  (day) => (day < WEEKDAYS ? [0, WEEKDAYS] : [WEEKDAYS, 7]),
  (day) => [day, day + 1],
];
const SLOTS = [DAY_HOURS, 2 * DAY_HOURS, WEEK_HOURS] as const;

/** Cells of one window: errors of none and of the three bases, then weight and sum for each hour of the week. */
const ERRORS = SLOTS.length + 1;
const CELLS = ERRORS + 2 * WEEK_HOURS;
/** First byte of a stored season: the version of this layout. */
const VERSION = 1;
/** The version, the hour up to which all is discounted (32 bits), the cells (floats). */
const STORED_BYTES = 1 + 4 * (1 + WINDOWS.length * CELLS);

/** The two newest hours: blocks and sum of each window of the newest, then of the one before. Plain data, stored with the population. */
export interface UnderWay {
  /** Hours since the epoch; 0 before the first. */
  newest: number;
  sums: number[];
}

/** Logarithms by window and slot (24, 48 or 168 slots; none: no season is believed), to a hundredth. */
export type Factors = number[][];

/** Which of `slots` (24, 48 or 168) an hour since the epoch belongs to. */
function slotOf(slots: number, hour: number): number {
  const ofWeek = (hour + FIRST_HOUR) % WEEK_HOURS;
  if (slots === WEEK_HOURS) return ofWeek;
  const ofDay = ofWeek % DAY_HOURS;
  return slots === DAY_HOURS || ofWeek < WEEKDAYS * DAY_HOURS ? ofDay : ofDay + DAY_HOURS;
}

/** The factor that `factors` of one window give for a second, 1 where there are none. */
export function factorAt(factors: readonly number[] | undefined, second: number): number {
  if (!factors || factors.length === 0) return 1;
  return Math.exp(factors[slotOf(factors.length, Math.floor(second / HOUR))] ?? 0);
}

export class Season {
  /** What is believed; a new array whenever an hour was learnt. */
  factors: Factors = [];
  underWay: UnderWay = { newest: 0, sums: [] };
  readonly #cells = new Float32Array(WINDOWS.length * CELLS);
  /** The hour up to which all is discounted. */
  #learnt = 0;

  state(): Uint8Array {
    const state = new Uint8Array(STORED_BYTES);
    state[0] = VERSION;
    new DataView(state.buffer).setUint32(1, this.#learnt, true);
    state.set(new Uint8Array(this.#cells.buffer), 5);
    return state;
  }

  /** @returns whether it could be read */
  load(state: Uint8Array): boolean {
    if (state[0] !== VERSION || state.length !== STORED_BYTES) return false;
    this.#learnt = new DataView(state.buffer, state.byteOffset).getUint32(1, true);
    new Uint8Array(this.#cells.buffer).set(state.subarray(5));
    this.factors = this.#believed();
    return true;
  }

  /**
   * Blocks of an hour. It is over when the next but one begins: by then every shard's blocks have come. What comes later teaches
   * no season.
   * @param second when the blocks ended
   * @param means the population's means by window, of all hours
   * @returns whether an hour was learnt
   */
  add(window: number, second: number, blocks: number, sum: number, means: readonly number[]): boolean {
    const hour = Math.ceil(second / HOUR) - 1;
    const turned = hour > this.underWay.newest && this.#turn(hour, means);
    const { newest, sums } = this.underWay;
    if (newest - hour > 1) return turned;
    const at = 2 * ((newest - hour) * WINDOWS.length + window);
    sums[at] = (sums[at] ?? 0) + blocks;
    sums[at + 1] = (sums[at + 1] ?? 0) + sum;
    return turned;
  }

  #turn(hour: number, means: readonly number[]): boolean {
    const { newest, sums } = this.underWay;
    const [current, before] = [sums.slice(0, 2 * WINDOWS.length), sums.slice(2 * WINDOWS.length)];
    const follows = hour === newest + 1;
    const none = WINDOWS.flatMap(() => [0, 0]);
    this.underWay = { newest: hour, sums: follows && newest > 0 ? [...none, ...current] : [...none, ...none] };
    if (newest === 0) return false;
    this.#learn(newest - 1, before, means);
    if (!follows) this.#learn(newest, current, means);
    this.factors = this.#believed();
    return true;
  }

  /** An hour is over: what was expected of it is judged, then it is learnt. */
  #learn(hour: number, sums: readonly number[], means: readonly number[]): void {
    const cells = this.#cells;
    this.#fade(hour);
    const ofWeek = slotOf(WEEK_HOURS, hour);
    for (let window = 0; window < WINDOWS.length; window += 1) {
      const [blocks = 0, sum = 0] = sums.slice(2 * window, 2 * window + 2);
      const mean = means[window] ?? 0;
      if (blocks <= 0 || sum <= 0 || mean <= 0) continue;
      const start = window * CELLS;
      const weight = blocks / (blocks + POPULATION_PRIOR_BLOCKS);
      const x = Math.min(LN_MOST, Math.max(-LN_MOST, Math.log(sum / blocks / mean)));
      for (let basis = 0; basis < ERRORS; basis += 1) {
        const error = x - (basis === 0 ? 0 : this.#expected(start, basis - 1, ofWeek));
        cells[start + basis] = (cells[start + basis] ?? 0) + weight * error * error;
      }
      const at = start + ERRORS + 2 * ofWeek;
      cells[at] = (cells[at] ?? 0) + weight;
      cells[at + 1] = (cells[at + 1] ?? 0) + weight * x;
    }
  }

  #fade(hour: number): void {
    const cells = this.#cells;
    const passed = hour - this.#learnt;
    if (passed <= 0) return;
    this.#learnt = hour;
    const [slow, fast] = [2 ** ((-passed * HOUR) / SEASON_SECONDS), 2 ** ((-passed * HOUR) / SEASON_TRIAL_SECONDS)];
    for (let at = 0; at < cells.length; at += 1) cells[at] = (cells[at] ?? 0) * (at % CELLS < ERRORS ? fast : slow);
  }

  #expected(start: number, basis: number, ofWeek: number): number {
    const ofDay = ofWeek % DAY_HOURS;
    const [from, to] = (TOGETHER[basis] as (typeof TOGETHER)[number])(Math.floor(ofWeek / DAY_HOURS));
    let [weight, sum] = [1, 0];
    for (let day = from; day < to; day += 1) {
      const at = start + ERRORS + 2 * (day * DAY_HOURS + ofDay);
      weight += this.#cells[at] ?? 0;
      sum += this.#cells[at + 1] ?? 0;
    }
    return sum / weight;
  }

  #believed(): Factors {
    return WINDOWS.map((_, window) => {
      const start = window * CELLS;
      const errors = this.#cells.subarray(start, start + ERRORS);
      let best = 0;
      for (let basis = 1; basis < errors.length; basis += 1)
        if ((errors[basis] ?? 0) < (errors[best] ?? 0) * SEASON_LEAD) best = basis;
      const profile = best === 0 ? [] : this.#profile(start, best - 1);
      return profile.some((value) => value !== 0) ? profile : [];
    });
  }

  /** Nobody begins on the hour: each has the highest of its neighbours too, so that a limit is low only where all are. */
  #profile(start: number, basis: number): number[] {
    const plain = Array.from({ length: SLOTS[basis] as number }, (_, slot) => {
      // A weekend's slots follow the weekdays' in the table of 48; Saturday stands for both of its days.
      const ofWeek = basis === 1 && slot >= DAY_HOURS ? (WEEKDAYS - 1) * DAY_HOURS + slot : slot;
      return this.#expected(start, basis, ofWeek);
    });
    return plain.map((value, slot) => {
      const ring = basis === SLOTS.length - 1 ? WEEK_HOURS : DAY_HOURS;
      const first = slot - (slot % ring);
      const beside = (by: number) => plain[first + ((slot + by + ring) % ring)] ?? value;
      return Number(Math.max(beside(-1), value, beside(1)).toFixed(2));
    });
  }
}
