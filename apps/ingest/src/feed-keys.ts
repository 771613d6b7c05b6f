/**
 * Who reads the feed by which API key: a key is looked at when a request comes, and a stream or a held poll goes on for long
 * after that. Every two seconds each distinct key of those is asked for anew, in one question however many read by it; the
 * readers of a key that is revoked or has ended are sent away. Entries are connections of this process: their number
 * bounds it. With the database away nobody can be told that a key has ended, and nobody is: readers stay, and the next
 * question that is answered ends those who should have gone.
 */
export const KEYS_ASKED_MS = 2_000;

export class FeedKeys {
  /** Public part of a key -> what sends its readers away. */
  readonly #readers = new Map<string, Set<() => void>>();
  #asking = false;

  /**
   * @param endedAmong those of the keys that open nothing any more; throws where it cannot be known.
   * @param onEnd called for each reader that is sent away.
   */
  constructor(
    private readonly endedAmong: (prefixes: string[]) => Promise<string[]>,
    private readonly onEnd: () => void,
  ) {}

  /**
   * @param end sends the reader away; called at most once, while it is here.
   * @returns the function that takes the reader out.
   */
  enter(prefix: string, end: () => void): () => void {
    const readers = this.#readers.get(prefix) ?? new Set();
    readers.add(end);
    this.#readers.set(prefix, readers);
    return () => {
      readers.delete(end);
      if (readers.size === 0 && this.#readers.get(prefix) === readers) this.#readers.delete(prefix);
    };
  }

  /** Sends the readers of ended keys away. One question at a time: a slow database is not asked more for it. @throws as `endedAmong` does. */
  async recheck(): Promise<void> {
    if (this.#asking || this.#readers.size === 0) return;
    this.#asking = true;
    try {
      for (const prefix of await this.endedAmong([...this.#readers.keys()])) this.#end(prefix);
    } finally {
      this.#asking = false;
    }
  }

  #end(prefix: string): void {
    const readers = this.#readers.get(prefix) ?? [];
    this.#readers.delete(prefix);
    for (const end of readers) {
      this.onEnd();
      end();
    }
  }
}
