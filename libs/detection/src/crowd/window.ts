/**
 * The last minutes of one endpoint: pulses of ten seconds, and minutes, each by groups of sources and in all. Pulses of
 * several shards are added to the place of their time, so that their order does not matter; what is older than the ring is
 * left out. Views on one buffer, which is the stored state.
 */
import { CELLS, FIELDS, LEARN_AFTER_MINUTES, MINUTES_KEPT, PULSE_SECONDS, PULSES_KEPT, SPANS } from './constants.js';
import type { Totals } from './groups.js';

/** A ring of sums by time: each place has the number of its time, its totals and its cells. */
class Ring {
  constructor(
    private readonly length: number,
    private readonly tags: Float64Array,
    private readonly totals: Float64Array,
    private readonly cells: Float32Array,
  ) {}

  /** @returns false where it is too old to have a place */
  add(time: number, groups: readonly (readonly number[])[]): boolean {
    const place = time % this.length;
    const tag = this.tags[place] ?? 0;
    if (tag > time) return false;
    if (tag < time) this.#clear(place, time);
    for (const group of groups) {
      const at = place * CELLS + (group[0] ?? 0) * FIELDS;
      for (let field = 0; field < FIELDS; field += 1) {
        const value = group[field + 1] ?? 0;
        this.cells[at + field] = (this.cells[at + field] ?? 0) + value;
        this.totals[place * FIELDS + field] = (this.totals[place * FIELDS + field] ?? 0) + value;
      }
    }
    return true;
  }

  /** Sums of one field from `first` to `last`, both included. */
  total(first: number, last: number, field: number): number {
    let sum = 0;
    let place = first % this.length;
    for (let time = first; time <= last; time += 1) {
      if (this.tags[place] === time) sum += this.totals[place * FIELDS + field] ?? 0;
      place = place + 1 === this.length ? 0 : place + 1;
    }
    return sum;
  }

  sum(first: number, last: number, into: Float64Array): void {
    into.fill(0);
    for (let time = first; time <= last; time += 1) {
      const place = time % this.length;
      if (this.tags[place] !== time) continue;
      for (let cell = 0; cell < CELLS; cell += 1) into[cell] = (into[cell] ?? 0) + (this.cells[place * CELLS + cell] ?? 0);
    }
  }

  /** One field's sums by group; the others are left as they are. */
  sumField(first: number, last: number, field: number, into: Float64Array): void {
    for (let at = field; at < CELLS; at += FIELDS) into[at] = 0;
    for (let time = first; time <= last; time += 1) {
      const place = time % this.length;
      if (this.tags[place] !== time) continue;
      for (let at = field; at < CELLS; at += FIELDS) into[at] = (into[at] ?? 0) + (this.cells[place * CELLS + at] ?? 0);
    }
  }

  restart(): void {
    this.tags.fill(0);
  }

  #clear(place: number, time: number): void {
    this.tags[place] = time;
    this.totals.fill(0, place * FIELDS, (place + 1) * FIELDS);
    this.cells.fill(0, place * CELLS, (place + 1) * CELLS);
  }
}

const PER_MINUTE = 60 / PULSE_SECONDS;
export const WINDOW_NUMBERS = (PULSES_KEPT + MINUTES_KEPT) * (1 + FIELDS);
export const WINDOW_CELLS = (PULSES_KEPT + MINUTES_KEPT) * CELLS;

export const minuteOf = (pulse: number) => Math.floor(pulse / PER_MINUTE);

export class PulseWindow {
  readonly #pulses: Ring;
  readonly #minutes: Ring;
  readonly #cells = new Float64Array(CELLS);

  constructor(numbers: Float64Array, cells: Float32Array) {
    const ring = (length: number, from: number) =>
      new Ring(
        length,
        numbers.subarray(from, from + length),
        numbers.subarray(from + length, from + length * (1 + FIELDS)),
        cells.subarray((from / (1 + FIELDS)) * CELLS),
      );
    this.#pulses = ring(PULSES_KEPT, 0);
    this.#minutes = ring(MINUTES_KEPT, PULSES_KEPT * (1 + FIELDS));
  }

  /** The clock was put right. */
  restart(): void {
    this.#pulses.restart();
    this.#minutes.restart();
  }

  /** @returns false where the pulse is older than all that is kept */
  add(pulse: number, groups: readonly (readonly number[])[]): boolean {
    this.#pulses.add(pulse, groups);
    return this.#minutes.add(minuteOf(pulse), groups);
  }

  /** One field's total in a span that ends with `pulse`. */
  total(span: number, pulse: number, field: number): number {
    const { pulses, minutes } = SPANS[span] ?? SPANS[0];
    if (pulses > 0) return this.#pulses.total(pulse - pulses + 1, pulse, field);
    return this.#minutes.total(minuteOf(pulse) - minutes + 1, minuteOf(pulse), field);
  }

  totals(span: number, pulse: number): Totals {
    const of = (field: number) => this.total(span, pulse, field);
    return { requests: of(0), failures: of(1), timed: of(2), ln: of(3), squares: of(4) };
  }

  /** Sums by groups; valid until the next call. */
  groups(span: number, pulse: number): Float64Array {
    const { pulses, minutes } = SPANS[span] ?? SPANS[0];
    if (pulses > 0) this.#pulses.sum(pulse - pulses + 1, pulse, this.#cells);
    else this.#minutes.sum(minuteOf(pulse) - minutes + 1, minuteOf(pulse), this.#cells);
    return this.#cells;
  }

  /** The minute from which on there are `least` of a field: the last two minutes, or more where little comes. */
  since(pulse: number, field: number, least: number): number {
    const last = minuteOf(pulse);
    let first = last - 1;
    while (first > last - MINUTES_KEPT + LEARN_AFTER_MINUTES && this.ofMinutes(first, last, field) < least) first -= 1;
    return first;
  }

  /** One field's total of whole minutes. */
  ofMinutes(first: number, last: number, field: number): number {
    return this.#minutes.total(first, last, field);
  }

  /** Requests by groups of whole minutes, and nothing else; valid until the next call. */
  requestsOfMinutes(first: number, last: number): Float64Array {
    this.#minutes.sumField(first, last, 0, this.#cells);
    return this.#cells;
  }

  /** Sums by groups of whole minutes; valid until the next call. */
  groupsOfMinutes(first: number, last: number): Float64Array {
    this.#minutes.sum(first, last, this.#cells);
    return this.#cells;
  }
}
