/**
 * Batches of one shard that wait to be written, oldest first, each as the text that ClickHouse takes. It hides where a
 * chunk is cut, and what is dropped when too much waits: the oldest batches that are in no chunk.
 */
import { createHash } from 'node:crypto';
import { type KeptLog, type Loss, toLine } from '@plimsoll/storage';

const CHUNK_ROWS = 20_000;
const CHUNK_SIZE = 5 * 1024 * 1024;

/** One batch, by its number within the shard; of no rows where it is of no requests. */
export interface Entry {
  seq: number;
  id: string;
  service: string;
  text: string;
  rows: number;
  /** Event time of its first and last log. */
  from: number;
  to: number;
}

export interface Chunk {
  /** Number of its last batch. */
  last: number;
  entries: readonly Entry[];
  texts: string[];
  rows: number;
  /** A function of the batches in it: the same when it is written again, by whomever. */
  token: string;
}

/** Adds up what is lost, by service. */
export class Losses {
  readonly #of = new Map<string, Loss>();

  add({ service, rows, from, to }: Entry): void {
    if (rows === 0) return;
    const { from: first, to: last, requests } = this.#of.get(service) ?? { from, to, requests: 0 };
    this.#of.set(service, { service, from: Math.min(first, from), to: Math.max(last, to), requests: requests + rows });
  }

  /** These, and the others. */
  with(others: Losses | undefined): Losses {
    for (const { service, from, to, requests } of others?.all ?? []) {
      this.add({ seq: 0, id: '', text: '', service, from, to, rows: requests });
    }
    return this;
  }

  get all(): Loss[] {
    return [...this.#of.values()];
  }
}

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

export function toEntry(seq: number, id: string, logs: readonly KeptLog[], receivedAt: number): Entry {
  const received = dayOf(receivedAt);
  let text = '';
  let [from, to] = [Number.POSITIVE_INFINITY, 0];
  for (const { service, endpoint, log } of logs) {
    text += toLine(service, endpoint, log, received);
    from = Math.min(from, log.ts);
    to = Math.max(to, log.ts);
  }
  return { seq, id, service: logs[0]?.service ?? '', text, rows: logs.length, from, to };
}

export class Reel {
  readonly #entries: Entry[] = [];
  /** Last batch of the chunk that was cut and is not done; 0 where there is none. */
  #cut: number;

  /** @param cut last batch of a chunk that was cut before */
  constructor(cut: number) {
    this.#cut = cut;
  }

  /** Of the chunk that was cut; 0 where there is none. */
  get cutAt(): number {
    return this.#cut;
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
  }

  /** Whether the next chunk is as large as one may be. */
  get full(): boolean {
    return this.#fitting() < this.#entries.length;
  }

  /** The next chunk; the same again until it is done. Undefined where nothing waits. */
  chunk(): Chunk | undefined {
    const count = this.#cut > 0 ? this.#entries.filter(({ seq }) => seq <= this.#cut).length : this.#fitting();
    const entries = this.#entries.slice(0, count);
    const last = entries.at(-1)?.seq ?? this.#cut;
    if (last === 0) return undefined;
    this.#cut = Math.max(this.#cut, last);
    const full = entries.filter(({ rows }) => rows > 0);
    return {
      last: this.#cut,
      entries,
      texts: full.map(({ text }) => text),
      rows: full.reduce((sum, { rows }) => sum + rows, 0),
      token: createHash('sha256')
        .update(full.map(({ id }) => id).join('\n'))
        .digest('base64url'),
    };
  }

  /** The chunk is in, or lost. @returns characters that it held. */
  done({ entries }: Chunk): number {
    this.#cut = 0;
    return size(this.#entries.splice(0, entries.length));
  }

  /** All that waits is given up. @returns characters that it held. */
  clear(): number {
    this.#cut = 0;
    return size(this.#entries.splice(0));
  }

  /** Drops the oldest that are in no chunk, the newest never. @param characters to make room for. */
  drop(characters: number): Entry[] {
    const first = this.#entries.findIndex(({ seq }) => seq > this.#cut);
    let [count, room] = [0, 0];
    while (first >= 0 && first + count < this.#entries.length - 1 && room < characters) {
      room += this.#entries[first + count]?.text.length ?? 0;
      count += 1;
    }
    return count === 0 ? [] : this.#entries.splice(first, count);
  }

  /** How many of the first entries one chunk takes: at least one. */
  #fitting(): number {
    let [rows, characters, count] = [0, 0, 0];
    for (const entry of this.#entries) {
      rows += entry.rows;
      characters += entry.text.length;
      if (count > 0 && (rows > CHUNK_ROWS || characters > CHUNK_SIZE)) break;
      count += 1;
    }
    return count;
  }
}

export const size = (entries: readonly Entry[]): number => entries.reduce((sum, { text }) => sum + text.length, 0);
