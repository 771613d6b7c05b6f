/** Token buckets by key, in memory: how often one address, or one socket, may do something. */
export class Budget {
  private readonly buckets = new Map<string, { tokens: number; at: number }>();

  /**
   * @param size what may come at once; it refills evenly within `windowMs`.
   * @param maxKeys beyond it the longest unseen key is forgotten, which gives it a full bucket again.
   */
  constructor(
    private readonly size: number,
    private readonly windowMs: number,
    private readonly maxKeys = 10_000,
  ) {}

  /** Takes one. Returns 0 where it was there, else the seconds until the next one is. */
  take(key: string, now: number): number {
    const tokens = this.tokens(key, now);
    this.buckets.delete(key);
    this.buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    const [oldest] = this.buckets.keys();
    if (this.buckets.size > this.maxKeys && oldest !== undefined) this.buckets.delete(oldest);
    return this.secondsUntilOne(tokens);
  }

  /** Seconds until there is one to take, 0 where there is: for what costs only when it fails. */
  wait(key: string, now: number): number {
    return this.secondsUntilOne(this.tokens(key, now));
  }

  /** Forgets what a key has taken. */
  refill(key: string): void {
    this.buckets.delete(key);
  }

  private tokens(key: string, now: number): number {
    const bucket = this.buckets.get(key) ?? { tokens: this.size, at: now };
    return Math.min(this.size, bucket.tokens + (Math.max(0, now - bucket.at) * this.size) / this.windowMs);
  }

  private secondsUntilOne(tokens: number): number {
    return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * this.windowMs) / this.size / 1000);
  }
}
