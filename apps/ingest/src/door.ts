/** Counts what came to the door for each service, and writes the sums to Redis every few seconds: the console shows a day of them. */
import type { DoorCount, ProblemCode } from '@plimsoll/contracts';
import type { Logger } from 'pino';

const FLUSH_MS = 2_000;

type Counts = Map<string, Partial<Record<DoorCount, number>>>;

export interface DoorEdges {
  write: (counts: Counts) => Promise<void>;
  log: Logger;
}

const refusals: Partial<Record<ProblemCode, DoorCount>> = {
  'signature-required': 'refusedUnsigned',
  'signature-invalid': 'refusedSignature',
  replayed: 'refusedReplayed',
};

export class Door {
  /** Services are rows that people made: their number bounds this. */
  #counts: Counts = new Map();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly edges: DoorEdges) {}

  count(service: string, name: DoorCount, count = 1): void {
    if (count === 0) return;
    const counts = this.#counts.get(service) ?? {};
    counts[name] = (counts[name] ?? 0) + count;
    this.#counts.set(service, counts);
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  /** An instance that has to register anew is no refusal worth a look. */
  refused(service: string, code: ProblemCode): void {
    const name = refusals[code];
    if (name !== undefined) this.count(service, name);
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const counts = this.#counts;
    this.#counts = new Map();
    if (counts.size === 0) return;
    try {
      await this.edges.write(counts);
    } catch (err) {
      this.edges.log.warn({ err }, 'counts of the door not written');
      for (const [service, some] of counts) {
        for (const [name, count] of Object.entries(some)) this.count(service, name as DoorCount, count);
      }
    }
  }
}
