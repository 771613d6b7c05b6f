/**
 * One endpoint, or a whole service, as everybody uses it: its last minutes and what is usual, in one buffer that is its
 * stored state (15 kB, first byte: version). Minutes are learnt when they are surely over, whenever the next pulse comes.
 */
import { LEARN_AFTER_MINUTES, MINUTES_KEPT, RECENT_MINUTES, USUAL_RANK } from './constants.js';
import { crowdFailures, crowdRequests } from './groups.js';
import type { Measure, Minute, MinuteSeries } from './minutes.js';
import { NORM_CELLS, Norm } from './norm.js';
import { NORM_NUMBERS } from './norm-numbers.js';
import { UsualMinutes } from './usual-minutes.js';
import { minuteOf, PulseWindow, WINDOW_CELLS, WINDOW_NUMBERS } from './window.js';

const VERSION = 1;
/** Newest pulse, and newest pulse in trouble. */
const OWN_NUMBERS = 2;
const NUMBERS = OWN_NUMBERS + NORM_NUMBERS + WINDOW_NUMBERS;
const CELLS = NORM_CELLS + WINDOW_CELLS;
/** Bytes of the version, padded so that numbers are aligned. */
const HEAD = 8;
const SIZE = HEAD + NUMBERS * 8 + CELLS * 4;
/** Of a longer silence the usual is told no more: all times of the week were quiet by then. */
const MOST_SKIPPED_MINUTES = 10_080;
/** Each is learnt once: spreads and shares are those of windows that do not overlap. */
const QUARTER = 16;

export class Crowd {
  readonly window: PulseWindow;
  readonly norm: Norm;
  /** Of the busiest. */
  series: MinuteSeries | undefined;
  /** Of a service as a whole. */
  usual: UsualMinutes | undefined;
  dirty = true;
  readonly #bytes: Uint8Array;
  readonly #own: Float64Array;

  /** @throws RangeError where a stored state is of another version or size */
  constructor(
    readonly service: string,
    /** Null for the service as a whole. */
    readonly endpoint: string | null,
    state?: Uint8Array,
  ) {
    if (state && (state.length !== SIZE || state[0] !== VERSION)) throw new RangeError('not a crowd of this version');
    this.#bytes = state ? Uint8Array.from(state) : new Uint8Array(SIZE);
    this.#bytes[0] = VERSION;
    this.usual = endpoint === null ? new UsualMinutes() : undefined;
    const { buffer } = this.#bytes;
    const numbers = new Float64Array(buffer, HEAD, NUMBERS);
    const cells = new Float32Array(buffer, HEAD + NUMBERS * 8, CELLS);
    this.#own = numbers.subarray(0, OWN_NUMBERS);
    this.norm = new Norm(numbers.subarray(OWN_NUMBERS, OWN_NUMBERS + NORM_NUMBERS), cells.subarray(0, NORM_CELLS));
    this.window = new PulseWindow(numbers.subarray(OWN_NUMBERS + NORM_NUMBERS), cells.subarray(NORM_CELLS));
  }

  get state(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  /** The minute path found the measure surprisingly high of late. */
  isSurprised(measure: Measure, pulse: number): boolean {
    return this.series?.isSurprised(measure, minuteOf(pulse)) ?? false;
  }

  /** Newest pulse of its own. */
  get newest(): number {
    return this.#own[0] ?? 0;
  }

  /** Newest pulse with which failures or slowness were over their limit. */
  get illAt(): number {
    return this.#own[1] ?? 0;
  }

  set illAt(pulse: number) {
    this.#own[1] = pulse;
  }

  /** @param clock newest pulse of the service: what is over by it is learnt first */
  add(pulse: number, groups: readonly (readonly number[])[], clock: number): void {
    if (this.norm.learnt === 0) this.norm.begin(minuteOf(pulse));
    this.#learnUntil(minuteOf(clock) - LEARN_AFTER_MINUTES);
    this.window.add(pulse, groups);
    this.#own[0] = Math.max(this.newest, pulse);
    this.dirty = true;
  }

  /** The clock was put right, back to `pulse`. */
  restart(pulse: number): void {
    this.window.restart();
    if (this.norm.learnt > 0) this.norm.restart(minuteOf(pulse));
    this.#own.fill(0);
  }

  #learnUntil(last: number): void {
    const { norm } = this;
    if (last - norm.learnt > RECENT_MINUTES + MINUTES_KEPT) this.#skipTo(last - RECENT_MINUTES);
    while (norm.learnt < last) {
      const minute = this.#minute(norm.learnt + 1);
      norm.learn(minute);
      this.series?.learn(minute);
      // What a flood brought is usual only once it has become the new normal.
      if (!norm.isFlooded(minute.minute)) this.usual?.learn(minute);
    }
  }

  /** That a service sleeps at night is usual too. */
  #skipTo(last: number): void {
    const { norm, usual, window } = this;
    if (usual) {
      for (let minute = Math.max(norm.learnt, last - MOST_SKIPPED_MINUTES) + 1; minute <= last; minute += 1) {
        if (!norm.isFlooded(minute)) usual.learn({ minute, requests: window.ofMinutes(minute, minute, 0) });
      }
    }
    norm.skipTo(last);
  }

  #minute(minute: number): Minute {
    const { window } = this;
    const first = minute - QUARTER + 1;
    if (minuteOf(this.newest) < first || window.ofMinutes(first, minute, 0) === 0) return { ...QUIET, minute };
    const two = crowdRequests(window.requestsOfMinutes(minute - 1, minute), USUAL_RANK);
    const sixteen = crowdRequests(window.requestsOfMinutes(first, minute), USUAL_RANK);
    return {
      minute,
      requests: window.ofMinutes(minute, minute, 0),
      two,
      sixteen,
      failures: window.ofMinutes(minute, minute, 1),
      timed: window.ofMinutes(minute, minute, 2),
      ln: window.ofMinutes(minute, minute, 3),
      squares: window.ofMinutes(minute, minute, 4),
      quarter: minute % QUARTER === QUARTER - 1 ? this.#quarter(first, minute) : undefined,
    };
  }

  #quarter(first: number, last: number): NonNullable<Minute['quarter']> {
    const { window } = this;
    const failures = crowdFailures(window.groupsOfMinutes(first, last));
    return { ...failures, timed: window.ofMinutes(first, last, 2), ln: window.ofMinutes(first, last, 3) };
  }
}

const QUIET: Omit<Minute, 'minute'> = {
  requests: 0,
  two: 0,
  sixteen: 0,
  failures: 0,
  timed: 0,
  ln: 0,
  squares: 0,
  quarter: undefined,
};
