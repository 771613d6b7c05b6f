/**
 * Records of sources with a cap: by the source's index, and in a list from which a sample is drawn when one must go. The
 * one of the sample that was away longest is forgotten, so that invented actors do not push out those who come daily.
 */
import type { Source } from '../entities/sources.js';
import { EVICTION_SAMPLE } from './constants.js';

export interface Kept {
  readonly source: Source;
  /** Second when it was last seen. */
  last: number;
  /** Place in the keeper's list. */
  at: number;
  dirty: boolean;
}

export class Keeper<T extends Kept> {
  evicted = 0;
  readonly #byIndex: (T | undefined)[] = [];
  readonly #list: T[] = [];
  #dirty: T[] = [];
  readonly #capacity: number;
  #random = 0x2545f491;

  constructor(capacity: number) {
    this.#capacity = Math.max(1, capacity);
  }

  of(source: Source): T | undefined {
    return this.#byIndex[source.index];
  }

  add(kept: T): T {
    if (this.#list.length >= this.#capacity) this.#evict();
    kept.at = this.#list.length;
    this.#list.push(kept);
    this.#byIndex[kept.source.index] = kept;
    return kept;
  }

  touch(kept: T): void {
    if (kept.dirty) return;
    kept.dirty = true;
    this.#dirty.push(kept);
  }

  forget(source: Source): void {
    const kept = this.#byIndex[source.index];
    if (!kept) return;
    this.#byIndex[source.index] = undefined;
    const last = this.#list.pop();
    if (last && last !== kept) {
      this.#list[kept.at] = last;
      last.at = kept.at;
    }
    kept.at = -1;
  }

  /** Records that changed and are still held. */
  takeDirty(): T[] {
    const dirty = this.#dirty.filter(({ at }) => at >= 0);
    for (const kept of this.#dirty) kept.dirty = false;
    this.#dirty = [];
    return dirty;
  }

  #evict(): void {
    let victim = this.#drawn();
    for (let sample = 1; sample < EVICTION_SAMPLE; sample += 1) {
      const other = this.#drawn();
      if (other && (!victim || other.last < victim.last)) victim = other;
    }
    if (!victim) return;
    this.forget(victim.source);
    this.evicted += 1;
  }

  /** Xorshift (Marsaglia 2003). */
  #drawn(): T | undefined {
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    return this.#list[(this.#random >>> 0) % this.#list.length];
  }
}
