/**
 * Tells Plimsoll what this instance sees of its throttles, and takes its shares of their limits: once a second while there
 * is demand, at once for a throttle that was not in use here, at most four times a second, and never inside a request of
 * the host. One question at a time; after a failure the next one waits, with jitter, and what was counted is told again.
 */
import { AsyncResource } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import type { SharesFrame } from '@plimsoll/contracts';
import { pauseMs } from './backoff.js';
import type { Faults } from './faults.js';
import type { Shares } from './shares.js';
import type { Answer, Call } from './wire.js';

const LEAST_MS = 250;
/** A share is of use while it is fresh. */
const TIMEOUT_MS = 3_000;
const MAX_ANSWER_BYTES = 64 * 1024;

export class Demand {
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #asking = false;
  #askedAt = Number.NEGATIVE_INFINITY;
  /** Not before: after a failure. */
  #waitUntil = 0;
  #attempt = 0;
  #ended = false;
  /** Bound to the context of the constructor, as the client's. */
  readonly #ask = AsyncResource.bind(() => void this.#askNow());
  readonly #arm = AsyncResource.bind((at: number) => this.#armNow(at));

  constructor(
    private readonly call: (call: Call) => Promise<Answer>,
    private readonly instance: string,
    private readonly shares: Shares,
    private readonly believed: (answer: Buffer, asked: { instance: string; nonce: string }) => SharesFrame | undefined,
    private readonly faults: Faults,
  ) {}

  /** Something should be told from then on, in the monotonic clock. */
  need(since: number): void {
    if (this.#ended) return;
    if (this.#asking || since >= this.#dueAt) return;
    const at = this.#notBefore(since);
    if (at < this.#dueAt) this.#arm(at);
  }

  stop(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #armNow(at: number): void {
    clearTimeout(this.#timer);
    this.#dueAt = at;
    this.#timer = setTimeout(this.#ask, Math.max(0, at - performance.now())).unref();
  }

  async #askNow(): Promise<void> {
    this.#dueAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    const demands = this.#ended ? [] : this.shares.tell(now);
    if (demands.length === 0) return this.#goOn();
    this.#asking = true;
    this.#askedAt = now;
    const nonce = randomBytes(16).toString('base64url');
    const answer = await this.call({
      method: 'POST',
      path: '/v1/demand',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ instance: this.instance, nonce, demands })),
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_ANSWER_BYTES,
    });
    this.#asking = false;
    const frame = answer.type === 'answer' && answer.status === 200 ? this.#read(answer.text, nonce) : undefined;
    if (frame === undefined) this.#fail(answer);
    else {
      this.#attempt = 0;
      this.shares.answered(demands, frame.shares, frame.everyMs, performance.now());
    }
    this.#goOn();
  }

  #read(text: string, nonce: string): SharesFrame | undefined {
    const frame = this.believed(Buffer.from(text), { instance: this.instance, nonce });
    if (frame === undefined) this.faults.report('forged', 'shares of throttles are not signed for this instance');
    return frame;
  }

  #fail(answer: Answer): void {
    this.shares.failed();
    const wait = pauseMs(answer.type === 'answer' ? answer.retryAfter : undefined, this.#attempt, Math.random(), Date.now());
    this.#attempt += 1;
    this.#waitUntil = performance.now() + Math.max(LEAST_MS, wait);
    if (answer.type === 'failure') this.faults.report('unreachable', `shares of throttles cannot be had: ${answer.message}`);
    else if (answer.status !== 200) this.faults.report('refused', `demand on throttles was answered ${answer.status}`);
  }

  /** Again after a while, for as long as there is anything to tell. */
  #goOn(): void {
    if (this.#ended || !this.shares.open) return;
    const usual = this.#askedAt + this.shares.everyMs * (0.9 + 0.2 * Math.random());
    this.#armNow(this.#notBefore(Math.min(usual, this.shares.dueAt)));
  }

  #notBefore(at: number): number {
    return Math.max(at, this.#askedAt + LEAST_MS, this.#waitUntil);
  }
}
