/**
 * Request logs that wait to be shipped, in batches that are filled one after another. Bounded by count and by bytes; when
 * full the oldest go first, because the newest say what happens now. What was dropped is counted by the owner, log by log.
 */
import { LogColumns } from './columns.js';
import type { BoundLog } from './log.js';

export interface Bounds {
  /** Of all that waits. */
  maxCount: number;
  maxBytes: number;
  /** Of one batch. */
  batchCount: number;
  batchBytes: number;
}

/** One is filled while one is under way, and what a batch takes is used again. */
const MAX_SPARE = 2;

export class LogBuffer {
  /** The oldest first; the last is being filled. */
  readonly #batches: LogColumns[] = [];
  readonly #spare: LogColumns[] = [];
  #length = 0;
  #sizeBytes = 0;

  constructor(private readonly bounds: Bounds) {}

  get length(): number {
    return this.#length;
  }
  /** Is there a batch that takes no more? */
  get full(): boolean {
    const [first] = this.#batches;
    return first !== undefined && (this.#batches.length > 1 || !this.#hasRoom(first, 0));
  }

  /** Adds a log; answers how many older ones had to go. */
  push(log: BoundLog): number {
    let last = this.#batches[this.#batches.length - 1];
    if (last === undefined || !this.#hasRoom(last, log.sizeBytes)) {
      last?.seal();
      last = this.#spare.pop() ?? new LogColumns();
      this.#batches.push(last);
    }
    last.add(log);
    this.#length += 1;
    this.#sizeBytes += log.sizeBytes;
    const { maxCount, maxBytes } = this.bounds;
    let dropped = 0;
    while (this.#length > maxCount || (this.#sizeBytes > maxBytes && this.#length > 1)) {
      this.#dropFirst();
      dropped += 1;
    }
    return dropped;
  }

  /** Removes the oldest batch, full or not. */
  take(): LogColumns | undefined {
    const batch = this.#batches.shift();
    this.#length -= batch?.length ?? 0;
    this.#sizeBytes -= batch?.sizeBytes ?? 0;
    return batch;
  }

  clear(): void {
    while (this.#batches.length > 0) this.take();
  }

  /** A batch that was taken is needed no more. */
  giveBack(batch: LogColumns): void {
    if (this.#spare.length >= MAX_SPARE) return;
    batch.clear();
    this.#spare.push(batch);
  }

  #hasRoom(batch: LogColumns, sizeBytes: number): boolean {
    const { batchCount, batchBytes } = this.bounds;
    const { logs, bytes } = batch.filled;
    return logs === 0 || (logs < batchCount && bytes + sizeBytes < batchBytes);
  }

  #dropFirst(): void {
    const [oldest] = this.#batches;
    if (oldest === undefined) return;
    this.#sizeBytes -= oldest.dropFirst();
    this.#length -= 1;
    if (oldest.length > 0) return;
    this.#batches.shift();
    this.giveBack(oldest);
  }
}
