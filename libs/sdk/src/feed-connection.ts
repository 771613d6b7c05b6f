/**
 * One connection to the feed, from its request to its end: a stream, or a poll, which is a stream that ends. It reads at
 * the pace at which frames are checked, gives the host's event loop a turn after each part of a snapshot, and cuts what
 * is silent, endless or refused. Its timers and sockets never keep the host's process alive.
 */
import { randomBytes } from 'node:crypto';
import { FeedEvents } from './feed-events.js';
import type { FeedThread } from './feed-thread.js';
import type { Opened, Wire } from './wire.js';

export type Via = 'stream' | 'poll';

export type Ending =
  /** It ended by itself, or was closed by us. */
  | { type: 'ended' }
  /** Nothing that can be believed came in time: a dead connection, or a proxy that holds answers back. */
  | { type: 'silent'; why: string }
  | {
      type: 'refused';
      code: 'unreachable' | 'refused' | 'answer' | 'forged';
      why: string;
      status?: number;
      retryAfter?: string | undefined;
    };

/** Until the greeting of a stream is there. Whoever holds it back that long holds back decisions. */
export const GREETING_MS = 4_000;
/** Two and a half times the server's beat. */
export const SILENCE_MS = 25_000;
/** A held poll, and the time to answer it. */
export const POLL_SECONDS = 25;
const POLL_MS = (POLL_SECONDS + 15) * 1000;
const WATCH_MS = 500;
/** The wall clock has gone on without the monotonic one: the machine slept, the connection is old. */
const SLEPT_MS = 5_000;
/** One frame; ingestion's are smaller. */
const MAX_EVENT_BYTES = 4 * 1024 * 1024;

export class FeedConnection {
  #heardAt = performance.now();
  #cut: () => void = () => undefined;
  #ending: Ending | undefined;

  constructor(
    private readonly wire: Pick<Wire, 'open'>,
    private readonly thread: FeedThread,
    private readonly instance: string,
    private readonly via: Via,
    /** For a poll: how long the server may wait for news, seconds. */
    private readonly waitSeconds: number,
    /** Told whenever all that the server has is here. */
    private readonly onCurrent: () => void,
  ) {}

  /** Ends it, as if it had ended by itself unless another ending is named. */
  end(ending: Ending = { type: 'ended' }): void {
    this.#ending ??= ending;
    this.#cut();
  }

  /** Never rejects. */
  async run(): Promise<Ending> {
    const nonce = randomBytes(16).toString('base64url');
    this.thread.open(nonce);
    const { path, headers } = this.#request(nonce);
    const { opened, cut } = this.wire.open(path, headers);
    this.#cut = cut;
    if (this.#ending) cut();
    const watch = this.#watch();
    try {
      const answer = await opened;
      if ('failure' in answer) return this.#ending ?? { type: 'refused', code: 'unreachable', why: answer.failure };
      return this.#ending ?? (await this.#read(answer));
    } finally {
      clearInterval(watch);
      cut();
    }
  }

  #request(nonce: string): { path: string; headers: Record<string, string> } {
    const { version, mark } = this.thread;
    const said = { 'plimsoll-nonce': nonce, 'plimsoll-instance': this.instance, 'plimsoll-reads': 'risk' };
    const headers = mark === undefined ? said : { ...said, 'plimsoll-mark': mark };
    if (this.via === 'poll') {
      const since = version === undefined ? '' : `since=${version}&`;
      return { path: `/v1/feed?${since}wait=${this.waitSeconds}`, headers };
    }
    return {
      path: '/v1/feed/stream',
      headers: version === undefined ? headers : { ...headers, 'last-event-id': String(version) },
    };
  }

  async #read(answer: Opened): Promise<Ending> {
    const { status, retryAfter, contentType, body } = answer;
    if (status !== 200) return { type: 'refused', code: 'refused', why: `it answered ${status}`, status, retryAfter };
    if (!contentType.startsWith('text/event-stream')) return { type: 'refused', code: 'answer', why: 'the answer is no feed' };
    const events = new FeedEvents(MAX_EVENT_BYTES);
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        const refusal = await this.#take(events.push(chunk));
        if (refusal ?? this.#ending) return (refusal ?? this.#ending) as Ending;
      }
    } catch {
      return this.#ending ?? { type: 'refused', code: 'unreachable', why: 'the connection broke' };
    }
    if (this.thread.broken) return { type: 'refused', code: 'forged', why: 'it ended before it was whole' };
    return (
      this.#ending ?? (this.thread.hello === undefined ? { type: 'silent', why: 'it ended without a word' } : { type: 'ended' })
    );
  }

  async #take(events: ReturnType<FeedEvents['push']>): Promise<Ending | undefined> {
    if (events === undefined) return { type: 'refused', code: 'answer', why: 'a part of it is too large' };
    for (const event of events) {
      const { heard } = this.thread;
      const taken = this.thread.take(event);
      if (taken.type === 'refused') return { type: 'refused', code: taken.code, why: taken.why };
      // Only what the server says now: whoever keeps its words back could go on for ever with its keys.
      if (this.thread.heard > heard) this.#heardAt = performance.now();
      if (taken.type === 'current') this.onCurrent();
      else await turn();
      if (this.#ending) return this.#ending;
    }
    return undefined;
  }

  #watch(): NodeJS.Timeout {
    const skew = Date.now() - performance.now();
    return setInterval(() => {
      const limit = this.via === 'poll' ? POLL_MS : this.thread.hello === undefined ? GREETING_MS : SILENCE_MS;
      if (performance.now() - this.#heardAt > limit) this.end({ type: 'silent', why: `nothing came for ${limit} ms` });
      if (Math.abs(Date.now() - performance.now() - skew) > SLEPT_MS) this.end();
    }, WATCH_MS).unref();
  }
}

/** Lets the event loop go on, and the process end. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve).unref());
