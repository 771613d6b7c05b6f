/** What this process took, refused and forgot since it started; written to the log each minute in which it moved. */
import type { Logger } from 'pino';

export class Counters {
  accepted = 0;
  rejected = 0;
  batches = 0;
  /** Requests turned away, by problem code. */
  readonly refused: Record<string, number> = {};
  /** Entries that a full cache or table dropped, by its name. */
  readonly dropped: Record<string, number> = {};
  #written = '';

  refuse(code: string): void {
    this.refused[code] = (this.refused[code] ?? 0) + 1;
  }

  drop(name: string, count = 1): void {
    this.dropped[name] = (this.dropped[name] ?? 0) + count;
  }

  /** @returns a function that writes one last time and stops. */
  writeTo(log: Logger, everyMs = 60_000): () => void {
    const write = () => {
      const { accepted, rejected, batches, refused, dropped } = this;
      const text = JSON.stringify({ accepted, rejected, batches, refused, dropped });
      if (text !== this.#written) log.info(JSON.parse(text), 'counters');
      this.#written = text;
    };
    const timer = setInterval(write, everyMs).unref();
    return () => {
      clearInterval(timer);
      write();
    };
  }
}
