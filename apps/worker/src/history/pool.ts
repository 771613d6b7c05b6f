/**
 * What the shards of one worker share of the history: the connection, its tables, and the bound of everything that waits to
 * be written.
 */
import { DEFAULT_DAYS, type History, migrateHistory } from '@plimsoll/storage';

/** An insert costs ClickHouse some 20 ms however small it is; nobody investigates what is younger. A full chunk does not wait. */
const FLUSH_MS = 5_000;

export class HistoryPool {
  #held = 0;
  /** Request logs since the start of this process. */
  readonly counts = { written: 0, lost: 0 };
  #tables: Promise<unknown> | undefined;

  /** @param most characters of lines that may wait; the jobs that they come from stay in Redis as long, and take about twice that there */
  constructor(
    readonly history: History,
    readonly most: number,
    /** Days for which the history keeps a log of a service that says nothing itself. */
    readonly days = DEFAULT_DAYS,
    /** Between two chunks of a shard, milliseconds. */
    readonly flushMs = FLUSH_MS,
  ) {}

  /** Characters of lines that wait, over all shards. */
  get held(): number {
    return this.#held;
  }

  take(characters: number): void {
    this.#held += characters;
  }

  release(characters: number): void {
    this.#held -= characters;
  }

  /** Makes the tables before the first chunk; tried again by whoever comes next where it fails. */
  async tables(): Promise<void> {
    this.#tables ??= migrateHistory(this.history).catch((error: unknown) => {
      this.#tables = undefined;
      throw error;
    });
    await this.#tables;
  }
}
