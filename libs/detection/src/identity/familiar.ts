/**
 * The devices, or networks, of an account: a short list with when each was first and last seen. New for the time of
 * probation; the one not seen longest makes room.
 */
import { MAX_FAMILIAR, PROBATION_SECONDS, SUSPECT_SECONDS } from './constants.js';

/** Print, first seen, last seen; one after the other. */
export class Familiar {
  #entries: number[] = [];

  isNew(print: number, second: number): boolean {
    const at = this.#find(print);
    return at < 0 || second - (this.#entries[at + 1] ?? second) < PROBATION_SECONDS;
  }

  /** @returns whether it was never seen */
  meet(print: number, second: number): boolean {
    const at = this.#find(print);
    if (at >= 0) {
      this.#entries[at + 2] = Math.max(this.#entries[at + 2] ?? 0, second);
      return false;
    }
    if (this.#entries.length >= 3 * MAX_FAMILIAR) this.#entries.splice(this.#oldest(), 3);
    this.#entries.push(print, second, second);
    return true;
  }

  /** It came with something bad: it stays new for longer. */
  suspect(print: number, second: number): void {
    const at = this.#find(print);
    if (at >= 0) this.#entries[at + 1] = second + SUSPECT_SECONDS;
  }

  /** A person said that all is well. */
  trust(): void {
    for (let at = 0; at < this.#entries.length; at += 3)
      this.#entries[at + 1] = Math.min(this.#entries[at + 1] ?? 0, (this.#entries[at + 2] ?? 0) - PROBATION_SECONDS);
  }

  countSince(second: number): number {
    let count = 0;
    for (let at = 2; at < this.#entries.length; at += 3) if ((this.#entries[at] ?? 0) >= second) count += 1;
    return count;
  }

  state(): number[] {
    return this.#entries;
  }

  load(state: unknown): void {
    const entries = Array.isArray(state) ? state.map(Number) : [];
    if (entries.length % 3 !== 0 || entries.length > 3 * MAX_FAMILIAR || !entries.every(Number.isFinite))
      throw new TypeError('no devices or networks');
    this.#entries = entries;
  }

  #find(print: number): number {
    for (let at = 0; at < this.#entries.length; at += 3) if (this.#entries[at] === print) return at;
    return -1;
  }

  #oldest(): number {
    let oldest = 0;
    for (let at = 3; at < this.#entries.length; at += 3)
      if ((this.#entries[at + 2] ?? 0) < (this.#entries[oldest + 2] ?? 0)) oldest = at;
    return oldest;
  }
}
