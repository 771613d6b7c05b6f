/**
 * Follows the decision feed for as long as the guard lives: by one open stream, or, where something on the way holds
 * streams back, by long poll, with another try of the stream now and then. After a fault it comes back with jitter.
 * Decisions that are held stay in force until they end, whatever happens to the connection.
 */
import type { SharesFrame } from '@plimsoll/contracts';
import { pauseMs } from './backoff.js';
import type { Faults } from './faults.js';
import { type Ending, FeedConnection, POLL_SECONDS, type Via } from './feed-connection.js';
import { type DecisionSink, FeedThread, type RiskSink } from './feed-thread.js';
import { Pause } from './pause.js';
import type { Wire } from './wire.js';

/** Between two polls: what changes meanwhile comes together. */
const NEWS_PAUSE_MS = 20;
/** A server that answers at once without news does not hold the poll: ask it a few times a second, no more. */
const IDLE_PAUSE_MS = 250;
const HELD_MS = 1_000;
/** A connection that lived this long was a good one: the next tries begin anew. */
const STEADY_MS = 5_000;
/** How long to poll before the stream is tried again; twice as long each time that it fails. */
const FIRST_POLLING_MS = 60_000;
const MAX_POLLING_MS = 3_600_000;
/** After this long without what another answer has told of, the stream is taken for dead. */
const BEHIND_MS = 2_000;
/** Who waits for a version at once; others do not wait. */
const MAX_WAITERS = 256;
/** Answers of what knows no stream, or does not let it pass. */
const NO_STREAM = new Set([404, 405, 406, 501]);

export class Feed {
  readonly #thread: FeedThread;
  #connection: FeedConnection | undefined;
  #via: Via = 'stream';
  #connected = false;
  #heardAt: number | undefined;
  #stopped = false;
  #attempt = 0;
  #pollUntil = 0;
  #pollingMs = FIRST_POLLING_MS;
  #nudgedBy: number | undefined;
  readonly #pause = new Pause();
  readonly #waiters = new Set<{ version: number; end: () => void }>();
  #announceFirst: () => void = () => undefined;
  readonly #first = new Promise<void>((resolve) => {
    this.#announceFirst = resolve;
  });

  constructor(
    private readonly wire: Pick<Wire, 'open'>,
    key: { prefix: string; pin: string },
    sink: DecisionSink,
    risks: RiskSink,
    private readonly faults: Faults,
    private readonly instance: string,
    /** Told whenever all that the server has told of is held. */
    private readonly onCurrent: () => void = () => undefined,
  ) {
    this.#thread = new FeedThread(key, sink, risks, (message) => faults.report('answer', message));
  }

  /** Version of the decisions held; undefined before the first whole answer. */
  get version(): number | undefined {
    return this.#thread.version;
  }
  /** Whether everything that the server has told of is held, and it can tell of more at once. */
  get connected(): boolean {
    return this.#connected;
  }
  get via(): Via {
    return this.#via;
  }
  /** How long the server wants an instance to wait between two receipts, milliseconds. */
  get receiptMs(): number {
    return this.#thread.hello?.receiptMs ?? 0;
  }

  /** When what is held was last confirmed, in the monotonic clock; undefined before the first time. */
  get heardAt(): number | undefined {
    return this.#heardAt;
  }

  /** What can be believed of the answer to a question about shares, see FeedThread. */
  shares(answer: Buffer, asked: { instance: string; nonce: string }): SharesFrame | undefined {
    return this.#thread.shares(answer, asked);
  }

  start(): void {
    void this.#follow();
  }

  stop(): void {
    this.#stopped = true;
    this.#connected = false;
    this.#pause.end();
    this.#connection?.end();
  }

  /** Resolves when this version, or a later one, is held, or after `withinMs`; never rejects. */
  async reached(version: number, withinMs: number): Promise<void> {
    if ((this.version ?? 0) >= version || this.#waiters.size >= MAX_WAITERS) return;
    this.nudge(version);
    const pause = new Pause();
    const waiter = { version, end: () => pause.end() };
    this.#waiters.add(waiter);
    await pause.take(withinMs);
    this.#waiters.delete(waiter);
  }

  /** Resolves with the first whole answer; never rejects. */
  get first(): Promise<void> {
    return this.#first;
  }

  /**
   * Another answer of the server named this version. If it is news, a pause is cut short, and a stream that does not
   * bring it soon is taken for dead. Once for each version: that answer is not signed.
   */
  nudge(version: number): void {
    if (version === this.version || version === this.#nudgedBy) return;
    this.#nudgedBy = version;
    if (!this.#connected) this.#pause.end();
    else if (this.#via === 'stream' && version > (this.version ?? 0)) {
      const connection = this.#connection;
      const late = () => (this.version ?? 0) < version && connection?.end({ type: 'silent', why: 'a change did not come' });
      setTimeout(late, BEHIND_MS).unref();
    }
  }

  async #follow(): Promise<void> {
    while (!this.#stopped) {
      this.#via = performance.now() < this.#pollUntil ? 'poll' : 'stream';
      const before = this.version;
      const startedAt = performance.now();
      // After a fault a poll is answered at once: until then nobody knows whether what is held is all.
      const wait = this.#connected ? POLL_SECONDS : 0;
      this.#connection = new FeedConnection(this.wire, this.#thread, this.instance, this.#via, wait, () => this.#current());
      const ending = await this.#connection.run();
      if (this.#stopped) return;
      const lastedMs = performance.now() - startedAt;
      await this.#pause.take(this.#after(ending, lastedMs, this.version !== before));
    }
  }

  #current(): void {
    this.#connected = true;
    this.#heardAt = performance.now();
    if (this.#via === 'stream') this.#pollingMs = FIRST_POLLING_MS;
    this.#announceFirst();
    for (const { version, end } of this.#waiters) if ((this.version ?? 0) >= version) end();
    this.onCurrent();
  }

  /** What follows from an ending; how long to wait before the next connection, in milliseconds. */
  #after(ending: Ending, lastedMs: number, news: boolean): number {
    if (this.#via === 'poll' && ending.type === 'ended' && this.#connected) {
      this.#attempt = 0;
      return news || lastedMs >= HELD_MS ? NEWS_PAUSE_MS : IDLE_PAUSE_MS * (0.5 + Math.random());
    }
    this.#connected = false;
    if (lastedMs >= STEADY_MS && ending.type !== 'silent') this.#attempt = 0;
    this.#report(ending);
    const retryAfter = ending.type === 'refused' ? ending.retryAfter : undefined;
    this.#attempt += 1;
    return pauseMs(retryAfter, this.#attempt - 1, Math.random(), Date.now());
  }

  #report(ending: Ending): void {
    if (ending.type === 'ended') return;
    const noStream = ending.type === 'silent' || (ending.status !== undefined && NO_STREAM.has(ending.status));
    if (noStream && this.#via === 'stream') {
      this.#pollUntil = performance.now() + this.#pollingMs * (0.8 + 0.4 * Math.random());
      this.#pollingMs = Math.min(2 * this.#pollingMs, MAX_POLLING_MS);
    }
    const how = noStream && this.#via === 'stream' ? 'as a stream, polling instead' : 'now';
    const code = ending.type === 'silent' ? 'unreachable' : ending.code;
    this.faults.report(code, `decisions cannot be followed ${how}: ${ending.why}`);
  }
}
