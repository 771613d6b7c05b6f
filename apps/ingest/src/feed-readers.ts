/**
 * The open streams of this process: one an instance (a second one ends the first, which is then a dead connection that
 * nobody has noticed), bounded by the hub, and with a common beat.
 */
import type { ServerResponse } from 'node:http';
import { FEED_BEAT_SECONDS } from '@plimsoll/contracts';
import type { Counters } from './counters.js';
import type { FeedFrames } from './feed-frames.js';
import type { FeedHub } from './feed-hub.js';
import type { FeedKeys } from './feed-keys.js';
import type { FeedKeyRing } from './feed-ring.js';
import { type FeedReader, FeedStream } from './feed-stream.js';
import { ProblemError } from './problem.js';
import type { RiskBoard } from './risk-board.js';

/** A thousand instances that each send one receipt a second keep a process well below its limits. */
const RECEIPT_MS_PER_INSTANCE = 1;
const LEAST_RECEIPT_MS = 100;
/** Well below the time after which an instance without a receipt counts as behind. */
const MOST_RECEIPT_MS = 3_000;

export interface FeedParts {
  hub: FeedHub;
  frames: FeedFrames;
  ring: FeedKeyRing;
  board: RiskBoard;
  keys: FeedKeys;
  counters: Counters;
}

export class FeedReaders {
  readonly #open = new Map<string, FeedStream>();
  readonly #timer: NodeJS.Timeout;
  #others = 0;

  constructor(
    private readonly parts: FeedParts,
    beatMs = FEED_BEAT_SECONDS * 1000,
  ) {
    this.#timer = setInterval(() => this.#beat(), beatMs).unref();
  }

  get size(): number {
    return this.#open.size;
  }
  /** Those with an open stream. */
  get services(): Set<string> {
    return new Set([...this.#open.values()].map(({ service }) => service));
  }
  /** How long an instance should at least wait between two receipts. */
  get receiptMs(): number {
    return Math.min(MOST_RECEIPT_MS, Math.max(LEAST_RECEIPT_MS, this.#open.size * RECEIPT_MS_PER_INSTANCE));
  }

  /**
   * To be asked before anything is sent: afterwards a fault can only cut the connection.
   *
   * @throws ProblemError `forbidden` where the pin is of another chain; `unavailable` without the database.
   */
  async prepare({ service, pin }: FeedReader): Promise<void> {
    await this.parts.ring.asked();
    // Throws while there is no ring.
    if (this.parts.frames.keys(pin) === undefined) {
      throw new ProblemError('forbidden', 'This API key pins a signing key that is no longer there: make a new API key');
    }
    await this.parts.hub.present(service);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.parts.board.close();
  }

  /** What the reader lacks, as one answer. */
  answer(response: ServerResponse, reader: FeedReader): Promise<void> {
    const stream = this.#stream(response, reader);
    return this.#while(reader, stream, () => stream.once());
  }

  /**
   * Streams until the reader goes.
   *
   * @param leave gives the reader's place in the hub back.
   */
  async follow(response: ServerResponse, reader: FeedReader, instance: string | undefined, leave: () => void): Promise<void> {
    this.#others += 1;
    const key = `${reader.prefix}:${instance ?? `unnamed ${this.#others}`}`;
    const stream = this.#stream(response, reader);
    this.#open.get(key)?.end();
    this.#open.set(key, stream);
    try {
      await this.#while(reader, stream, () => stream.follow());
    } finally {
      if (this.#open.get(key) === stream) this.#open.delete(key);
      leave();
    }
  }

  /** There is news of a service that its beat tells. */
  beat(service: string): void {
    for (const stream of this.#open.values()) if (stream.service === service) stream.beat();
  }

  /** For as long as it reads, the end of its key is its end. */
  async #while({ prefix }: FeedReader, stream: FeedStream, reading: () => Promise<void>): Promise<void> {
    const leave = this.parts.keys.enter(prefix, () => stream.cut());
    try {
      await reading();
    } finally {
      leave();
    }
  }

  #stream(response: ServerResponse, reader: FeedReader): FeedStream {
    const { hub, frames, board, counters } = this.parts;
    return new FeedStream(response, hub, frames, board, reader, () => counters.drop('slow-readers'));
  }

  #beat(): void {
    this.parts.frames.sweep();
    for (const stream of this.#open.values()) stream.beat();
  }
}
