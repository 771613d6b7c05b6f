/**
 * The article's `AdaptiveRateLimiter`, faithful to its text, as the reference detector of every benchmark. It is not used
 * by the product: `typical` follows the very rate that it then judges, so after the tenth request nothing is ever denied
 * (0 of 5,000 requests of a 500-fold burst), and each request costs O(requests of the hour).
 */
export interface PublishedLimiterOptions {
  /** Requests an hour that are always allowed. */
  baseLimit?: number;
  /** Multiple of the typical rate that is allowed. */
  sensitivity?: number;
  /** Pairs of user and endpoint that are remembered; the longest unseen is dropped and counted. */
  maxPairs?: number;
}

interface History {
  /** Milliseconds since the epoch, oldest first. */
  times: number[];
  typical: number;
}

const HOUR_MS = 3_600_000;
/** The article starts to learn once the hour holds more requests than this. */
const WARM_UP = 10;

export class PublishedLimiter {
  dropped = 0;
  readonly #histories = new Map<string, History>();
  readonly #baseLimit: number;
  readonly #sensitivity: number;
  readonly #maxPairs: number;

  constructor({ baseLimit = 100, sensitivity = 1.5, maxPairs = 100_000 }: PublishedLimiterOptions = {}) {
    this.#baseLimit = baseLimit;
    this.#sensitivity = sensitivity;
    this.#maxPairs = maxPairs;
  }

  /**
   * Records the request and says whether it is allowed.
   * @param now event time, milliseconds since the epoch
   */
  allow(user: string, endpoint: string, now: number): boolean {
    const history = this.#historyOf(JSON.stringify([user, endpoint]));
    history.times.push(now);
    while ((history.times[0] ?? now) <= now - HOUR_MS) history.times.shift();
    const rate = history.times.length;
    if (rate > WARM_UP) history.typical = 0.8 * rate + 0.2 * history.typical;
    return rate <= Math.max(this.#baseLimit, history.typical * this.#sensitivity);
  }

  #historyOf(key: string): History {
    const known = this.#histories.get(key);
    const history = known ?? { times: [], typical: 0 };
    if (known) this.#histories.delete(key);
    this.#histories.set(key, history);
    if (this.#histories.size > this.#maxPairs) {
      const [oldest] = this.#histories.keys();
      if (oldest !== undefined) this.#histories.delete(oldest);
      this.dropped += 1;
    }
    return history;
  }
}
