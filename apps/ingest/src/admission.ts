/**
 * Whether the queue can take more. A full Redis livelocks BullMQ (no job processed, thousands of errors a second), and a
 * queue that grows faster than it is worked off only moves the loss to later: so the door closes early, with 503, while
 * the workers still have room to drain. What was answered 202 is in the queue.
 */
import type { Backlog } from '@plimsoll/storage';
import { ProblemError } from './problem.js';

export const MAX_MEMORY_SHARE = 0.8;
export const MAX_WAITING_MS = 60_000;
/** A reading serves this long: two a second, whatever the traffic. */
const READING_SERVES_MS = 500;
const RETRY_AFTER_SECONDS = 5;

export interface AdmissionEdges {
  backlog: (now: number) => Promise<Backlog>;
  now: () => number;
}

export class Admission {
  #reading: Promise<ProblemError | undefined> | undefined;
  #readAt = 0;

  constructor(private readonly edges: AdmissionEdges) {}

  /** @throws ProblemError `overloaded`, or `unavailable` where the queue does not answer. */
  async check(): Promise<void> {
    const now = this.edges.now();
    if (this.#reading === undefined || Math.abs(now - this.#readAt) >= READING_SERVES_MS) {
      this.#readAt = now;
      this.#reading = this.#read(now);
    }
    const fault = await this.#reading;
    if (fault !== undefined) throw fault;
  }

  async #read(now: number): Promise<ProblemError | undefined> {
    const retryAfterSeconds = RETRY_AFTER_SECONDS;
    try {
      const { memoryShare, oldestWaitingMs } = await this.edges.backlog(now);
      if (memoryShare >= MAX_MEMORY_SHARE)
        return new ProblemError('overloaded', 'The queue is short of memory', { retryAfterSeconds });
      if (oldestWaitingMs > MAX_WAITING_MS) return new ProblemError('overloaded', 'The queue is too long', { retryAfterSeconds });
      return undefined;
    } catch (cause) {
      return new ProblemError('unavailable', 'The queue is out of reach', { retryAfterSeconds, cause });
    }
  }
}
