/**
 * How much more than the plain limit is tolerated: of one subject after people said that its alert was false, and of a
 * whole service while more alerts open than its budget allows. A tolerance of 2 doubles the distance from the
 * expectation to the limit.
 */
import type { VerdictReport } from '@plimsoll/contracts';
import { BUDGET_STRETCH_MOST, MAX_TOLERANCES, TOLERANCE_MOST, TOLERANCE_STEP } from './constants.js';

export class Tolerances {
  readonly #subjects = new Map<string, number>();
  readonly #services = new Map<string, number>();
  readonly #dirty = new Set<string>();
  /** Forgotten for want of room, the oldest first. */
  evicted = 0;

  /** @param key of the finding: `episodeKey` */
  of(service: string, key: string): number {
    const own = this.#subjects.size === 0 ? 1 : (this.#subjects.get(key) ?? 1);
    return own * (this.#services.get(service) ?? 1);
  }

  /** False positives widen step by step; a confirmed attack takes the widening back. */
  heed(key: string, { verdict }: VerdictReport): void {
    const next = verdict === 'false-positive' ? Math.min(TOLERANCE_MOST, (this.#subjects.get(key) ?? 1) * TOLERANCE_STEP) : 1;
    this.#subjects.delete(key);
    if (next > 1) this.#subjects.set(key, next);
    this.#dirty.add(key);
    if (this.#subjects.size <= MAX_TOLERANCES) return;
    const [oldest = ''] = this.#subjects.keys();
    this.#subjects.delete(oldest);
    this.#dirty.add(oldest);
    this.evicted += 1;
  }

  /** @param stretch at least 1: see `budgetStretch` */
  stretch(service: string, stretch: number): void {
    if (stretch <= 1) this.#services.delete(service);
    else this.#services.set(service, Math.min(BUDGET_STRETCH_MOST, stretch));
  }

  takeChanges(put: (key: string, state: unknown) => void, remove: (key: string) => void): void {
    for (const key of this.#dirty) {
      const tolerance = this.#subjects.get(key);
      if (tolerance === undefined) remove(key);
      else put(key, tolerance);
    }
    this.#dirty.clear();
  }

  load(key: string, state: unknown): void {
    if (typeof state === 'number' && state > 1) this.#subjects.set(key, Math.min(TOLERANCE_MOST, state));
  }
}

/**
 * By how much all limits of a service are stretched, so that thresholds follow the budget: 1 while no more alerts of low
 * or medium severity opened in the last 24 hours than the team can look at, then in proportion.
 *
 * @param opened alerts of low and medium severity opened in the last 24 hours
 * @param budget 0: no budget
 */
export function budgetStretch(opened: number, budget: number): number {
  if (budget <= 0 || opened <= budget) return 1;
  return Math.min(BUDGET_STRETCH_MOST, opened / budget);
}
