/**
 * Chance that is the same on every machine: one stream for each thing that happens, named by numbers, so that adding an
 * attack or a person changes nothing about the others.
 */

/** Mulberry32 (T. Ettinger, public domain), seeded by mixing any numbers. */
export class Random {
  #state: number;

  constructor(...parts: readonly number[]) {
    let state = 0x9e3779b9;
    for (const part of parts) {
      state = Math.imul(state ^ (part >>> 0), 0x85ebca6b);
      state = Math.imul(state ^ (state >>> 13) ^ Math.floor(part / 4294967296), 0xc2b2ae35);
      state ^= state >>> 16;
    }
    this.#state = state >>> 0;
  }

  /** Uniform in 0..1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** A whole number, both ends included. */
  whole(low: number, high: number): number {
    return low + Math.floor((high - low + 1) * this.next());
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)] as T;
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** Standard normal (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** Lognormal by its median: a long tail towards more. */
  lognormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }

  /** Index into cumulative weights. */
  weighted(cumulative: readonly number[]): number {
    const at = this.next() * (cumulative.at(-1) ?? 0);
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle] as number) > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Popularity falls with the rank: most ask for a few things, some for any of `many` (0..many-1). */
  popular(many: number): number {
    return Math.min(many - 1, Math.floor(many ** this.next()) - 1);
  }

  /** A copy in random order. */
  shuffled<T>(items: readonly T[]): T[] {
    const order = [...items];
    for (let last = order.length - 1; last > 0; last -= 1) {
      const other = this.whole(0, last);
      [order[last], order[other]] = [order[other] as T, order[last] as T];
    }
    return order;
  }
}

/** Names of the streams: the first number after the seed. */
export const STREAM = {
  person: 1,
  sessions: 2,
  visitors: 3,
  machine: 4,
  machineWork: 5,
  disturbance: 6,
  schedule: 7,
  attack: 8,
  office: 9,
} as const;
