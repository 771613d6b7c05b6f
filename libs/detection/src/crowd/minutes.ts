/**
 * The minute path: requests, failures and duration of a busy endpoint by the minute, each judged by the series detector
 * (series/), the same as `plimsoll score-series`. A surprise of it is no finding, since heavy-tailed series have one a day;
 * it lowers what the windows ask for (flood.ts, health.ts), so that both surprise and practical size are needed.
 */
import { SeriesDetector } from '../series/series.js';
import { SERIES } from '../series/series-constants.js';
import { SURPRISED_MINUTES } from './constants.js';

/** A minute that is over, as everybody made it. */
export interface Minute {
  minute: number;
  /** Requests, a loud client's too. */
  requests: number;
  /** Requests of the two and of the sixteen minutes that end with it. */
  two: number;
  sixteen: number;
  failures: number;
  timed: number;
  ln: number;
  squares: number;
  /** Of the sixteen minutes, where they are over with this minute: each is learnt once. */
  quarter: { requests: number; failures: number; timed: number; ln: number } | undefined;
}

export const REQUESTS = 0;
export const FAILURES = 1;
export const DURATION = 2;
export type Measure = typeof REQUESTS | typeof FAILURES | typeof DURATION;

const VERSION = 1;
/** Bytes of the version, padded so that numbers are aligned. */
const HEAD = 8;
const MEASURES = 3;
const LENGTH = new SeriesDetector().state.length;
const SIZE = HEAD + MEASURES * (1 + LENGTH) * 8;

export class MinuteSeries {
  dirty = true;
  readonly #bytes: Uint8Array;
  /** Newest minute in which each was surprisingly high. */
  readonly #surprised: Float64Array;
  readonly #detectors: SeriesDetector[];

  /** @throws RangeError where a stored state is of another version or size */
  constructor(state?: Uint8Array) {
    if (state && (state.length !== SIZE || state[0] !== VERSION)) throw new RangeError('not the series of this version');
    this.#bytes = state ? Uint8Array.from(state) : new Uint8Array(SIZE);
    this.#bytes[0] = VERSION;
    const numbers = new Float64Array(this.#bytes.buffer, HEAD);
    this.#surprised = numbers.subarray(0, MEASURES);
    this.#detectors = Array.from({ length: MEASURES }, (_, index) => {
      const from = MEASURES + index * LENGTH;
      return new SeriesDetector(numbers.subarray(from, from + LENGTH));
    });
  }

  get state(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  learn({ minute, two, failures, timed, ln }: Minute): void {
    this.#judge(REQUESTS, minute, two);
    this.#judge(FAILURES, minute, failures);
    if (timed > 0) this.#judge(DURATION, minute, ln / timed);
    this.dirty = true;
  }

  isSurprised(measure: Measure, minute: number): boolean {
    return minute - (this.#surprised[measure] ?? 0) <= SURPRISED_MINUTES;
  }

  #judge(measure: Measure, minute: number, value: number): void {
    const judgement = this.#detectors[measure]?.judge(minute * 60_000, value);
    if (judgement && judgement.surprise >= SERIES.line && value > (judgement.expected ?? value))
      this.#surprised[measure] = minute;
  }
}
