/**
 * Remembers which proofs were used, as long as they could be used again. Bounded without forgetting: a full memory takes no
 * further proof, since forgetting the oldest would let it be replayed; and no single key can fill it for all others.
 */
export interface Replays {
  /**
   * Notes a proof; false where it was noted before. `key` is the thumbprint of who signed it, `id` names the proof of that
   * key; neither is a client's own text. May be asynchronous (`SET NX PX` in Redis); where it fails the proof is refused.
   */
  burn(key: string, id: string, untilMs: number): boolean | Promise<boolean>;
}

/** For one process. Throws where it is full; its counters are for the host's monitoring. */
export class MemoryReplays implements Replays {
  readonly #byKey = new Map<string, Map<string, number>>();
  #size = 0;
  #refused = 0;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly now: () => number = Date.now,
    private readonly max = 100_000,
    private readonly maxForAKey = 5_000,
  ) {}

  get size(): number {
    return this.#size;
  }
  /** Proofs refused for want of room. */
  get refused(): number {
    return this.#refused;
  }

  burn(key: string, id: string, untilMs: number): boolean {
    const now = this.now();
    if (now - this.#sweptAt >= 1_000) this.#sweep(now);
    const known = this.#byKey.get(key);
    if ((known?.get(id) ?? Number.NEGATIVE_INFINITY) > now) return false;
    if (this.#size >= this.max || (known?.size ?? 0) >= this.maxForAKey) {
      this.#refused += 1;
      throw new Error('too many proofs at a time');
    }
    if (known) known.set(id, untilMs);
    else this.#byKey.set(key, new Map([[id, untilMs]]));
    this.#size += 1;
    return true;
  }

  /** Once a second: what has ended is forgotten. */
  #sweep(now: number): void {
    this.#sweptAt = now;
    this.#size = 0;
    for (const [key, ids] of this.#byKey) {
      for (const [id, until] of ids) if (until <= now) ids.delete(id);
      if (ids.size === 0) this.#byKey.delete(key);
      this.#size += ids.size;
    }
  }
}
