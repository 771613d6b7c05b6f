/** The ring of feed keys in memory, turned every minute. With PostgreSQL away the key at hand goes on: it is valid for weeks. */
import { type Database, type FeedRing, turnFeedKeys } from '@plimsoll/storage';
import type { Logger } from 'pino';
import { ProblemError } from './problem.js';

const TURN_EVERY_MS = 60_000;
const RETRY_MS = 1_000;

export interface FeedRingEdges {
  db: Database;
  /** 32 bytes. */
  secret: Buffer;
  now: () => number;
  log: Logger;
}

export class FeedKeyRing {
  #ring: FeedRing | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #first: Promise<void> | undefined;

  constructor(private readonly edges: FeedRingEdges) {}

  /** @throws ProblemError `unavailable` until the database has answered once. */
  get ring(): FeedRing {
    if (this.#ring === undefined) {
      throw new ProblemError('unavailable', 'The feed cannot be signed yet', { retryAfterSeconds: 2 });
    }
    return this.#ring;
  }

  start(): void {
    this.#first ??= this.#turn();
  }

  /** Once the database was asked for the first time, with what outcome ever. */
  async asked(): Promise<void> {
    await this.#first;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #turn(): Promise<void> {
    const { db, secret, now, log } = this.edges;
    let wait = TURN_EVERY_MS;
    try {
      const before = this.#ring?.signer.kid;
      this.#ring = await turnFeedKeys(db, secret, now());
      const { signer, chain } = this.#ring;
      if (signer.kid !== before) log.info({ kid: signer.kid, position: chain.length - 1 }, 'signs the feed with this key');
    } catch (err) {
      log.warn({ err }, 'feed keys not turned');
      if (this.#ring === undefined) wait = RETRY_MS;
    }
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#turn(), wait).unref();
  }
}
