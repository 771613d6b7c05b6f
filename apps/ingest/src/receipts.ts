/**
 * Receipts on their way to Redis: gathered for a moment, the newest of each instance, and written together, so that a
 * thousand instances that take a decision at once cost one round trip. Bounded; what has no room is counted.
 */
import type { DatedReceipt } from '@plimsoll/storage';
import type { Logger } from 'pino';

const FLUSH_MS = 100;
const MAX_PENDING = 20_000;

export interface ReceiptEdges {
  /** @returns how many were left out. */
  note: (receipts: readonly (DatedReceipt & { service: string })[]) => Promise<number>;
  /** Tells the console which services have news. */
  tell: (services: string[]) => Promise<void>;
  onDrop: () => void;
  log: Logger;
}

export class Receipts {
  #pending = new Map<string, DatedReceipt & { service: string }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly edges: ReceiptEdges) {}

  add(service: string, receipt: DatedReceipt): void {
    const key = `${service} ${receipt.instance}`;
    const earlier = this.#pending.get(key);
    if (earlier === undefined && this.#pending.size >= MAX_PENDING) return void this.edges.onDrop();
    // An instance takes its receipts' order from its versions and its goodbye: two may pass each other on the way.
    if (earlier === undefined || (!earlier.goodbye && (receipt.goodbye || receipt.version >= earlier.version))) {
      this.#pending.set(key, { service, ...receipt });
    }
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const receipts = [...this.#pending.values()];
    this.#pending = new Map();
    if (receipts.length === 0) return;
    try {
      const left = await this.edges.note(receipts);
      for (let count = 0; count < left; count += 1) this.edges.onDrop();
      await this.edges.tell([...new Set(receipts.map(({ service }) => service))]);
    } catch (err) {
      // Each instance says it again within half a minute.
      this.edges.log.warn({ err, receipts: receipts.length }, 'receipts not written');
      for (const _ of receipts) this.edges.onDrop();
    }
  }
}
