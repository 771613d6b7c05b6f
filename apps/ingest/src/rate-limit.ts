/**
 * The generic cell rate algorithm (ITU-T I.371) as a debt: a subject may act while its debt is below the burst, and what
 * it did is charged afterwards, when the cost is known. So one batch may overshoot, and the next one waits for it.
 * There is no window whose edge could be used to send twice. Counts are per process.
 */
export interface RateLimitOptions {
  perSecond: number;
  /** What may come at once, in the unit of the cost. */
  burst: number;
  /** Subjects remembered; beyond it the ones without debt go first, then the longest known. */
  maxSubjects?: number;
  onDrop?: () => void;
}

export class RateLimit {
  /** Subject -> theoretical arrival time, milliseconds: when its debt will be paid. */
  readonly #paidAt = new Map<string, number>();
  readonly #msEach: number;
  readonly #burstMs: number;
  readonly #maxSubjects: number;
  readonly #onDrop: () => void;

  constructor({ perSecond, burst, maxSubjects = 10_000, onDrop = () => {} }: RateLimitOptions) {
    this.#msEach = 1000 / perSecond;
    this.#burstMs = burst * this.#msEach;
    this.#maxSubjects = maxSubjects;
    this.#onDrop = onDrop;
  }

  /** Milliseconds until the subject may act again; 0 where it may now. */
  waitMs(subject: string, now: number): number {
    return Math.max(0, (this.#paidAt.get(subject) ?? now) - now - this.#burstMs);
  }

  charge(subject: string, cost: number, now: number): void {
    const from = Math.max(this.#paidAt.get(subject) ?? now, now);
    if (!this.#paidAt.has(subject) && this.#paidAt.size >= this.#maxSubjects) this.#makeRoom(now);
    this.#paidAt.set(subject, from + cost * this.#msEach);
  }

  #makeRoom(now: number): void {
    for (const [subject, paidAt] of this.#paidAt) if (paidAt <= now) this.#paidAt.delete(subject);
    if (this.#paidAt.size < this.#maxSubjects) return;
    for (const subject of this.#paidAt.keys()) {
      this.#paidAt.delete(subject);
      this.#onDrop();
      return;
    }
  }
}
