/**
 * Proofs of callers without a session, which only this process remembers: whoever has made a key could otherwise fill Redis.
 * Beyond the cap the oldest goes and could be used again, which gets nobody in: a link works once, and a refresh that comes
 * again with its count ends the session.
 */
const MAX_PROOFS = 50_000;

export class RecentProofs {
  private readonly until = new Map<string, number>();
  /** Forgotten before their time. */
  dropped = 0;

  constructor(private readonly max = MAX_PROOFS) {}

  /** False where it was used before. Times in milliseconds. */
  use(jkt: string, jti: string, ttlMs: number, now: number): boolean {
    const key = `${jkt} ${jti}`;
    if ((this.until.get(key) ?? 0) > now) return false;
    this.until.delete(key);
    this.until.set(key, now + ttlMs);
    // All live equally long, so that the first are the next to end.
    for (const [old, end] of this.until) {
      if (end > now && this.until.size <= this.max) break;
      if (end > now) this.dropped += 1;
      this.until.delete(old);
    }
    return true;
  }
}
