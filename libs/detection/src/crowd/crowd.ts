/**
 * One endpoint, or a whole service, as everybody uses it: its last minutes and what is usual, in one buffer that is its
 * stored state (15 kB, first byte: version). Minutes are learnt when they are surely over, whenever the next pulse comes.
 */
import { LEARN_AFTER_MINUTES, MINUTES_KEPT, RECENT_MINUTES, USUAL_RANK } from './constants.js';
import { crowdFailures, crowdRequests } from './groups.js';
import { type Minute, NORM_CELLS, NORM_NUMBERS, Norm } from './norm.js';
import { minuteOf, PulseWindow, WINDOW_CELLS, WINDOW_NUMBERS } from './window.js';

const VERSION = 1;
/** Newest pulse, and newest pulse in trouble. */
const OWN_NUMBERS = 2;
const NUMBERS = OWN_NUMBERS + NORM_NUMBERS + WINDOW_NUMBERS;
const CELLS = NORM_CELLS + WINDOW_CELLS;
/** Bytes of the version, padded so that numbers are aligned. */
const HEAD = 8;
const SIZE = HEAD + NUMBERS * 8 + CELLS * 4;
/** Each is learnt once: spreads and shares are those of windows that do not overlap. */
const QUARTER = 16;

export class Crowd {
  readonly window: PulseWindow;
  readonly norm: Norm;
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
    if (last - norm.learnt > RECENT_MINUTES + MINUTES_KEPT) norm.skipTo(last - RECENT_MINUTES);
    while (norm.learnt < last) norm.learn(this.#minute(norm.learnt + 1));
  }

  #minute(minute: number): Minute {
    const { window } = this;
    const requests = window.ofMinutes(minute, minute, 0);
    const two = crowdRequests(window.groupsOfMinutes(minute - 1, minute), USUAL_RANK);
    const groups = window.groupsOfMinutes(minute - QUARTER + 1, minute);
    const sixteen = crowdRequests(groups, USUAL_RANK);
    const timed = window.ofMinutes(minute, minute, 2);
    const ln = window.ofMinutes(minute, minute, 3);
    const squares = window.ofMinutes(minute, minute, 4);
    if (minute % QUARTER !== QUARTER - 1) return { minute, requests, two, sixteen, timed, ln, squares, quarter: undefined };
    const first = minute - QUARTER + 1;
    const quarter = {
      ...crowdFailures(groups),
      timed: window.ofMinutes(first, minute, 2),
      ln: window.ofMinutes(first, minute, 3),
    };
    return { minute, requests, two, sixteen, timed, ln, squares, quarter };
  }
}
