/**
 * Request logs that wait to be shipped. Bounded by count and by bytes; when full the oldest go first, because the
 * newest say what happens now. What was dropped is counted by the owner, log by log.
 */
import type { RequestLogInput } from '@plimsoll/contracts';

export interface BoundedLog {
  log: RequestLogInput;
  /** Estimate of its size as JSON. */
  sizeBytes: number;
}

export class LogBuffer {
  #items: (BoundedLog | undefined)[] = [];
  #head = 0;
  #sizeBytes = 0;

  constructor(
    private readonly maxCount: number,
    private readonly maxBytes: number,
  ) {}

  get length(): number {
    return this.#items.length - this.#head;
  }
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Adds a log; answers how many older ones had to go. */
  push(item: BoundedLog): number {
    this.#items.push(item);
    this.#sizeBytes += item.sizeBytes;
    let dropped = 0;
    while (this.length > this.maxCount || (this.#sizeBytes > this.maxBytes && this.length > 1)) {
      this.#shift();
      dropped += 1;
    }
    return dropped;
  }

  /** Removes the oldest logs: at most `count`, and no more than `bytes` together (but always one). */
  take(count: number, bytes: number): RequestLogInput[] {
    const logs: RequestLogInput[] = [];
    let size = 0;
    while (logs.length < count && this.length > 0) {
      size += this.#items[this.#head]?.sizeBytes ?? 0;
      if (size > bytes && logs.length > 0) break;
      const item = this.#shift();
      if (item) logs.push(item.log);
    }
    return logs;
  }

  #shift(): BoundedLog | undefined {
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head += 1;
    this.#sizeBytes -= item?.sizeBytes ?? 0;
    // Amortised O(1): the dead half is cut off only when it is as large as the living one.
    if (this.#head > 512 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
