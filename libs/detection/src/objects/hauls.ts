/** The hauls of all sources, with a cap: of the eldest, the one with the least history goes. */

import type { Source } from '../entities/sources.js';
import { EVICTION_SAMPLE, MAX_HAULS } from './constants.js';
import { type Haul, newHaul, readHaul } from './haul.js';

const VERSION = 1;

export class Hauls {
  evicted = 0;
  /** Few each. */
  readonly #bySource = new Map<Source, Haul[]>();
  /** In order of their beginning. */
  readonly #all = new Map<Haul, Source>();
  readonly #capacity: number;

  constructor(capacity = MAX_HAULS) {
    this.#capacity = capacity;
  }

  has(source: Source): boolean {
    return this.#bySource.size > 0 && this.#bySource.has(source);
  }

  find(source: Source, endpoint: string): Haul | undefined {
    return this.#bySource.get(source)?.find((haul) => haul.endpoint === endpoint);
  }

  of(source: Source, endpoint: string, second: number): Haul {
    return this.find(source, endpoint) ?? this.#add(source, newHaul(endpoint, second));
  }

  *all(): Iterable<[source: Source, haul: Haul]> {
    for (const [haul, source] of this.#all) yield [source, haul];
  }

  allOf(source: Source): readonly Haul[] {
    return this.#bySource.get(source) ?? [];
  }

  forget(source: Source): void {
    for (const haul of this.allOf(source)) this.#all.delete(haul);
    this.#bySource.delete(source);
  }

  stored(source: Source): unknown {
    return { v: VERSION, h: this.allOf(source) };
  }

  load(source: Source, hauls: readonly Haul[]): void {
    this.forget(source);
    for (const haul of hauls) this.#add(source, haul);
  }

  #add(source: Source, haul: Haul): Haul {
    if (this.#all.size >= this.#capacity) this.#evict();
    this.#all.set(haul, source);
    const hauls = this.#bySource.get(source);
    if (hauls) hauls.push(haul);
    else this.#bySource.set(source, [haul]);
    return haul;
  }

  #evict(): void {
    let least: Haul | undefined;
    let seen = 0;
    for (const haul of this.#all.keys()) {
      if (!least || (haul.windows[0]?.sums[0] ?? 0) < (least.windows[0]?.sums[0] ?? 0)) least = haul;
      seen += 1;
      if (seen >= EVICTION_SAMPLE) break;
    }
    const source = least && this.#all.get(least);
    if (!least || !source) return;
    const rest = this.allOf(source).filter((haul) => haul !== least);
    if (rest.length > 0) this.#bySource.set(source, rest);
    else this.#bySource.delete(source);
    this.#all.delete(least);
    this.evicted += 1;
  }
}

/** Undefined where the state is of another version or damaged. */
export function readHauls(state: unknown): Haul[] | undefined {
  if (typeof state !== 'object' || state === null || !('v' in state) || state.v !== VERSION) return undefined;
  if (!('h' in state) || !Array.isArray(state.h)) return undefined;
  const hauls = state.h.map(readHaul);
  return hauls.every((haul) => haul !== undefined) ? hauls : undefined;
}
