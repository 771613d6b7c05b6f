/**
 * What is usual of a whole service by the minute: told to people beside its traffic, never judged by. The forecast of
 * series/ (time of day, time of the week, or a slow level, whichever was right of late) on 2 sqrt(requests + 3/8), in which a
 * count scatters alike at night and at noon (Anscombe 1948); the band is two mean errors wide on each side, so that nine of ten
 * minutes lie within. State: version, then one buffer (6 kB a service).
 */
import { Cells } from '../series/series-cells.js';
import { SERIES } from '../series/series-constants.js';
import { Forecast } from '../series/series-forecast.js';
import type { Minute } from './minutes.js';

const VERSION = 1;
/** Bytes of the version, padded so that numbers are aligned. */
const HEAD = 8;
/** Minutes learnt, and the newest. */
const OWN = 2;
const SIZE = HEAD + (OWN + Forecast.length(SERIES)) * 8;

const MINUTE_MS = 60_000;
/** The forecast knows no finer time. */
export const SLOT_MS = 1_800_000;
export const SLOTS_A_WEEK = 336;
/** Nothing is said before so many minutes: half an hour has shown how much it scatters. */
const LEAST_MINUTES = 30;
/** Told anew after so many: what is usual moves slowly. */
const TELL_MINUTES = 5;
/** Mean errors on each side: 1.6 standard deviations, were they normal. */
const REACH = 2;

const stabilised = (requests: number) => 2 * Math.sqrt(requests + 3 / 8);
/** Rounded to what matters of a count, so that what is told stays short. */
const countOf = (value: number) => Math.round(10 * Math.max(0, (Math.max(0, value) / 2) ** 2 - 3 / 8)) / 10;

export type Band = [low: number, high: number];

export class UsualMinutes {
  dirty = true;
  /** Something worth telling was learnt. */
  fresh = false;
  readonly #bytes: Uint8Array;
  readonly #own: Float64Array;
  readonly #forecast: Forecast;

  /** @throws RangeError where a stored state is of another version or size */
  constructor(state?: Uint8Array) {
    if (state && (state.length !== SIZE || state[0] !== VERSION)) throw new RangeError('not the usual of this version');
    this.#bytes = state ? Uint8Array.from(state) : new Uint8Array(SIZE);
    this.#bytes[0] = VERSION;
    const cells = new Cells(new Float64Array(this.#bytes.buffer, HEAD));
    this.#own = cells.take(OWN);
    this.#forecast = new Forecast(cells, SERIES);
  }

  get state(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  /** Newest minute learnt, since the epoch. */
  get minute(): number {
    return this.#own[1] ?? 0;
  }

  learn({ minute, requests }: Pick<Minute, 'minute' | 'requests'>): void {
    this.#forecast.learn(minute * MINUTE_MS, stabilised(requests));
    const learnt = (this.#own[0] ?? 0) + 1;
    this.#own.set([learnt, minute]);
    this.dirty = true;
    if (learnt >= LEAST_MINUTES && learnt % TELL_MINUTES === 0) this.fresh = true;
  }

  /** Requests of one minute in each half hour of the week in UTC, the first of a Thursday (as the epoch's); empty before enough is known. */
  bands(): Band[] {
    if ((this.#own[0] ?? 0) < LEAST_MINUTES) return [];
    return Array.from({ length: SLOTS_A_WEEK }, (_, slot): Band => {
      const known = this.#forecast.usual(slot * SLOT_MS);
      if (known === undefined) return [0, 0];
      const reach = REACH * known.error;
      return [countOf(known.value - reach), countOf(known.value + reach)];
    });
  }
}
