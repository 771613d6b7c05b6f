/**
 * One reader of the feed: first the keys and a hello that answers its nonce, then what it lacks, then each change as it
 * comes and a beat now and then. It holds no queue: what a reader misses while it does not read is the difference of
 * two versions. A reader that takes nothing for ten seconds is cut and counted.
 */
import type { ServerResponse } from 'node:http';
import type { FeedFrames, Frames } from './feed-frames.js';
import type { FeedHub } from './feed-hub.js';
import type { RiskBoard } from './risk-board.js';

export const SLOW_READER_MS = 10_000;

export interface FeedReader {
  service: string;
  /** Public part of its API key. */
  prefix: string;
  pin: string;
  nonce: string;
  /** Version that it holds, and the mark of that where it names one. */
  since: number | undefined;
  mark: string | undefined;
  receiptMs: number;
  /** Whether it says that it reads risk frames. */
  risks: boolean;
}

export class FeedStream {
  #gone = false;
  #ended = false;
  #kid = '';
  #beatDue = false;
  #wake: () => void = () => {};
  /** The risks that the reader has. */
  #risks: number | undefined;
  /** Of the version that the reader has. */
  #mark: string | undefined;

  constructor(
    private readonly response: ServerResponse,
    private readonly hub: FeedHub,
    private readonly frames: FeedFrames,
    private readonly board: RiskBoard,
    private readonly reader: FeedReader,
    private readonly onSlow: () => void,
  ) {
    this.#mark = reader.mark;
    response.once('close', () => {
      this.#gone = true;
      this.#wake();
    });
  }

  get service(): string {
    return this.reader.service;
  }

  /** The time has come for a sign of life. */
  beat(): void {
    this.#beatDue = true;
    this.#wake();
  }

  /** Another connection has taken its place, or the process stops. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Its key has ended: nothing more is sent, not even to a reader that takes what it was sent before slowly. */
  cut(): void {
    this.end();
    if (this.response.writableNeedDrain) this.response.destroy();
  }

  /** What the reader lacks now, and no more. */
  async once(): Promise<void> {
    const leave = this.#followRisks();
    try {
      await this.#greet();
      await this.#tellRisks(await this.#catchUp(this.reader.since));
      this.response.end();
    } finally {
      leave();
    }
  }

  /** Until the reader is gone, too slow or replaced, or the hub closes. */
  async follow(): Promise<void> {
    const unwatch = this.hub.watch(this.reader.service, () => this.#wake());
    const leave = this.#followRisks();
    try {
      await this.#greet();
      let sent = await this.#catchUp(this.reader.since);
      await this.#tellRisks(sent);
      while (!this.#over) {
        if (this.hub.lastVersion(this.reader.service) !== sent) sent = await this.#catchUp(sent);
        else if (this.#hasRisks) await this.#tellRisks(sent);
        else if (this.#beatDue) await this.#beat(sent);
        else await new Promise<void>((resolve) => this.#wakeBy(resolve));
      }
      this.response.end();
    } finally {
      unwatch();
      leave();
      this.#wake = () => {};
    }
  }

  get #over(): boolean {
    return this.#gone || this.#ended || this.hub.closed;
  }

  #wakeBy(resolve: () => void): void {
    this.#wake = resolve;
    if (this.#over || this.#beatDue || this.#hasRisks) resolve();
  }

  #followRisks(): () => void {
    return this.reader.risks ? this.board.follow(this.reader.service, () => this.#wake()) : () => {};
  }

  get #hasRisks(): boolean {
    return this.#risks !== undefined && this.#risks !== this.board.seq(this.reader.service);
  }

  /** All of them at first, since the reader may hold some of another connection; then what has changed. */
  async #tellRisks(version: number): Promise<void> {
    const { service, risks } = this.reader;
    if (!risks || this.#over) return;
    if (this.#risks === undefined) await this.board.ready(service);
    const change = this.board.change(service, this.#risks);
    await this.#send(await this.frames.risks(service, version, change));
    this.#risks = change.seq;
  }

  async #greet(): Promise<void> {
    const { service, prefix: key, nonce, receiptMs, risks } = this.reader;
    const version = await this.hub.present(service);
    await this.#announceKeys();
    await this.#write(await this.frames.hello(service, version, { key, nonce, receiptMs, risks }));
  }

  /** @returns the version that the reader holds afterwards. */
  async #catchUp(since: number | undefined): Promise<number> {
    const { service } = this.reader;
    let sent = since;
    while (!this.#over) {
      const change = await this.hub.change(service, sent, this.#mark);
      if (sent === change.newest && change.type === 'delta') return sent;
      const frames = await (change.type === 'delta'
        ? this.frames.delta(service, change)
        : this.frames.snapshot(service, change.newest, sent === undefined ? undefined : { version: sent, mark: this.#mark }));
      await this.#send(frames);
      sent = frames.version;
      this.#mark = frames.mark;
    }
    return sent ?? 0;
  }

  async #beat(version: number): Promise<void> {
    this.#beatDue = false;
    await this.#send(await this.frames.beat(this.reader.service, version, this.#risks));
  }

  async #send({ kid, bytes }: Frames): Promise<void> {
    if (kid !== this.#kid) await this.#announceKeys();
    for (const frame of bytes) {
      if (this.#over) return;
      await this.#write(frame);
    }
  }

  async #announceKeys(): Promise<void> {
    const keys = this.frames.keys(this.reader.pin);
    this.#kid = this.frames.kid;
    if (keys !== undefined) await this.#write(keys);
  }

  #write(bytes: Buffer): Promise<void> | undefined {
    if (this.#gone || this.response.write(bytes)) return undefined;
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.response.off('drain', done).off('close', done);
        resolve();
      };
      const timer = setTimeout(() => {
        this.onSlow();
        this.response.destroy();
      }, SLOW_READER_MS);
      this.response.on('drain', done).on('close', done);
    });
  }
}
