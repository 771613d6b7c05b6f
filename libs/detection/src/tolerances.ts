/**
 * How much more than the plain limit is tolerated: of one subject after people said that its alert was false, and of a
 * whole service while more alerts open than its budget allows. A tolerance of 2 doubles the distance from the
 * expectation to the limit.
 */
import type { AlertKind, VerdictReport } from '@plimsoll/contracts';
import {
  BUDGET_STRETCH_MOST,
  EXPECTED_MOST,
  MAX_TOLERANCES,
  TOLERANCE_MARGIN,
  TOLERANCE_MOST,
  TOLERANCE_STEP,
} from './constants.js';

/** Kinds whose detectors learn an expected change themselves: widened as well, they would be blind. */
const LEARNT: ReadonlySet<AlertKind> = new Set([
  'rate',
  'drift',
  'enumeration',
  'scraping',
  'exfiltration',
  'account-takeover',
  'flood',
  'endpoint-health',
]);

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

  /**
   * A false positive widens by a step, and at once so far that what was seen raises nothing. So does an expected change
   * where no detector learns it as the new normal. A confirmed attack takes all widening back.
   */
  heed(key: string, report: VerdictReport): void {
    const next = this.#after(key, report);
    this.#subjects.delete(key);
    if (next > 1) this.#subjects.set(key, next);
    this.#dirty.add(key);
    if (this.#subjects.size <= MAX_TOLERANCES) return;
    const [oldest = ''] = this.#subjects.keys();
    this.#subjects.delete(oldest);
    this.#dirty.add(oldest);
    this.evicted += 1;
  }

  #after(key: string, { service, kind, verdict, reach = 1 }: VerdictReport): number {
    const own = this.#subjects.get(key) ?? 1;
    const seen = this.of(service, key) * (Number.isFinite(reach) ? Math.max(1, reach) : 1) * TOLERANCE_MARGIN;
    if (verdict === 'false-positive') return Math.min(TOLERANCE_MOST, Math.max(own * TOLERANCE_STEP, seen));
    return verdict === 'expected-change' && !LEARNT.has(kind) ? Math.min(EXPECTED_MOST, Math.max(own, seen)) : 1;
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

  /** @returns whether it could be read */
  load(key: string, state: unknown): boolean {
    if (typeof state !== 'number') return false;
    if (state > 1) this.#subjects.set(key, Math.min(EXPECTED_MOST, state));
    return true;
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
