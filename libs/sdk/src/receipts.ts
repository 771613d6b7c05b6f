/**
 * Receipts: tells Plimsoll which version of the decisions this instance enforces, soon after it was applied (at once where
 * instances are few; else spread, so that a thousand do not speak in the same moment in which the decision itself has to
 * reach the others), again now and then while nothing changes, and goodbye at the end. One at a time, and no more often than the server asks for;
 * while one is under way only the newest version is remembered. A receipt that fails is replaced by the next one.
 */
import { hostname } from 'node:os';
import type { Faults } from './faults.js';
import type { Answer, Call } from './wire.js';

export const SDK_VERSION = '0.1.0';
/** Said again after this long without news; the server takes three times as long for vanished. */
const REPEAT_MS = 30_000;
const TIMEOUT_MS = 5_000;
const MAX_NAME = 100;
/** With up to a hundred instances the server asks for no more, and receipts are not spread. */
const PROMPT_MS = 100;

export interface Standing {
  version: number | undefined;
  via: 'stream' | 'poll';
  /** Least time between two receipts. */
  receiptMs: number;
}

export class Receipts {
  readonly #name: string;
  /** The version seen last, and when it was applied. */
  #seen: number | undefined;
  #seenAt = 0;
  #said: number | undefined;
  #saidAt = Number.NEGATIVE_INFINITY;
  #sending: Promise<Answer> | undefined;
  #goodbye: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(
    private readonly call: (call: Call) => Promise<Answer>,
    private readonly instance: string,
    name: unknown,
    private readonly standing: () => Standing,
    private readonly faults: Faults,
  ) {
    this.#name = (typeof name === 'string' && name !== '' ? name : `${hostname()}:${process.pid}`).slice(0, MAX_NAME);
  }

  /** Everything that the server has told of is applied: to be called each time that this is confirmed. */
  applied(): void {
    if (this.#ended) return;
    const { version, receiptMs } = this.standing();
    const now = performance.now();
    if (version !== this.#seen) [this.#seen, this.#seenAt] = [version, now];
    if (this.#sending || this.#timer) return;
    const since = now - this.#saidAt;
    if (version === this.#said && since < REPEAT_MS) return;
    const spread = Math.max(0, Math.min(receiptMs, REPEAT_MS) - PROMPT_MS) * Math.random();
    const wait = Math.max(spread, Math.min(receiptMs - since, REPEAT_MS));
    if (wait <= 0) void this.#send();
    else {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        void this.#send();
      }, wait).unref();
    }
  }

  /** Says goodbye, where anything was said before; resolves when it is said or cannot be. */
  goodbye(timeoutMs: number): Promise<void> {
    this.#goodbye ??= this.#leave(timeoutMs);
    return this.#goodbye;
  }

  async #leave(timeoutMs: number): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#timer);
    const { version } = this.standing();
    if (version === undefined || this.#saidAt < 0 || timeoutMs <= 0) return;
    const began = performance.now();
    // Whoever waits for this may have nothing else that keeps the process alive.
    const awake = setTimeout(() => undefined, timeoutMs);
    // In this order: a receipt that came after the goodbye would bring the instance back.
    await Promise.race([this.#sending, new Promise((resolve) => setTimeout(resolve, timeoutMs / 2).unref())]);
    await this.#post(version, true, Math.max(1, timeoutMs - (performance.now() - began)));
    clearTimeout(awake);
  }

  async #send(): Promise<void> {
    const { version } = this.standing();
    if (this.#ended || version === undefined) return;
    this.#saidAt = performance.now();
    const sending = this.#post(version, false, TIMEOUT_MS);
    this.#sending = sending;
    const answer = await sending;
    this.#sending = undefined;
    const taken = answer.type === 'answer' && answer.status === 204;
    this.#said = taken ? version : undefined;
    if (!taken && answer.type === 'answer') this.faults.report('refused', `a receipt was answered ${answer.status}`);
    if (taken && this.standing().version !== version) this.applied();
  }

  #post(version: number, goodbye: boolean, timeoutMs: number): Promise<Answer> {
    const appliedMsAgo = Math.min(3_600_000, Math.max(0, performance.now() - this.#seenAt));
    const said = { version, appliedMsAgo, via: this.standing().via, goodbye };
    const receipt = { instance: this.instance, name: this.#name, sdk: SDK_VERSION, ...said };
    const body = Buffer.from(JSON.stringify(receipt));
    const headers = { 'content-type': 'application/json' };
    return this.call({ method: 'POST', path: '/v1/receipts', headers, body, timeoutMs, maxBytes: 64 * 1024 });
  }
}
