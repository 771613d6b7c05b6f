/**
 * The thread of the feed: which frame may follow which. It lets through what is signed, answers this connection's nonce,
 * is of this API key's service, in date, and continues the version held; all else is refused, which ends the
 * connection. After a restart of the host no version is known; the nonce alone then refuses what was recorded before.
 */
import type {
  AllowList,
  BeatFrame,
  DeltaFrame,
  FeedDecision,
  FeedFrame,
  FeedRisk,
  HelloFrame,
  RiskFrame,
  SharesFrame,
  SnapshotFrame,
} from '@plimsoll/contracts';
import { type FeedEvent, FeedEvents } from './feed-events.js';
import { readFrame, readShares, type UnknownFrame } from './feed-frame.js';
import { FeedKeyChain } from './feed-keys.js';

/** Where decisions go. A snapshot begins, comes in parts and ends: only then is forgotten what was not in it. */
export interface DecisionSink {
  /** The server's time now, milliseconds since the epoch; `now` is the monotonic clock. */
  clock(serverTime: number, now: number): void;
  /** How many instances there are, and of which throttles all is handed out; undefined: the server does not know. */
  crowd(instances: number | undefined, busy: readonly string[]): void;
  begin(): void;
  /** In place of the allow-list that there was. */
  allow(list: AllowList): void;
  put(decisions: readonly FeedDecision[]): void;
  lift(ids: readonly string[]): void;
  end(): void;
}

/** Where risks go. */
export interface RiskSink {
  clock(serverTime: number, now: number): void;
  /** All that come now replace those held. */
  begin(): void;
  change(risks: { raised: FeedRisk[]; gone: FeedRisk['subject'][]; halfLifeMs: number; floor: number }): void;
}

export type Taken =
  /** All that the server has, up to the version of its hello or later. */
  | { type: 'current' }
  /** Good, and more must follow. */
  | { type: 'more' }
  | { type: 'refused'; code: 'forged' | 'answer'; why: string };

interface Connection {
  nonce: string;
  hello: HelloFrame | undefined;
  snapshot: { id: string; next: number } | undefined;
  /** The last risk frame: who tells of none has none. */
  risks: { seq: number; next: number } | undefined;
  /** When the newest frame was made, by the server's clock. */
  newestAt: number;
}

const NOBODY: AllowList = { actors: [], addresses: [], credentials: [] };
const fresh = (nonce: string): Connection => ({ nonce, hello: undefined, snapshot: undefined, risks: undefined, newestAt: 0 });

const MORE: Taken = { type: 'more' };
const refused = (code: 'forged' | 'answer', why: string): Taken => ({ type: 'refused', code, why });

export class FeedThread {
  readonly #chain: FeedKeyChain;
  #version: number | undefined;
  #mark: string | undefined;
  #heard = 0;
  #place: { service: string; environment: string } | undefined;
  #connection = fresh('');
  /** Server's time minus the monotonic clock. */
  #offset = 0;

  constructor(
    private readonly key: { prefix: string; pin: string },
    private readonly sink: DecisionSink,
    private readonly risks: RiskSink,
    private readonly onFaulty: (message: string) => void,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#chain = new FeedKeyChain(key.pin);
  }

  /** Version of the decisions held; undefined before the first whole snapshot. */
  get version(): number | undefined {
    return this.#version;
  }
  /** Of that version, where the server has named one. */
  get mark(): string | undefined {
    return this.#version === undefined ? undefined : this.#mark;
  }
  /** Goes up with each sign of life: what anybody on the way can send again (keys, a beat, risks) is none the second time. */
  get heard(): number {
    return this.#heard;
  }
  /** The hello of this connection; undefined before it has come. */
  get hello(): HelloFrame | undefined {
    return this.#connection.hello;
  }
  /** Whether a snapshot has begun and not ended. */
  get broken(): boolean {
    return this.#connection.snapshot !== undefined;
  }
  get current(): boolean {
    const { hello, snapshot, risks } = this.#connection;
    if (hello === undefined || snapshot !== undefined || this.#version === undefined) return false;
    return this.#version >= hello.version && (hello.risks !== true || risks?.next === 0);
  }

  /** A new connection, which asked with this nonce. */
  open(nonce: string): void {
    this.#connection = fresh(nonce);
  }

  take({ event, data }: FeedEvent): Taken {
    const [payload, jws] = data;
    if (payload === undefined) return refused('answer', 'an event without data');
    if (event === 'keys') {
      const known = this.#chain.learn(payload.toString('utf8'));
      return known ? MORE : refused('forged', 'its keys do not lead back to the one that the API key pins');
    }
    if (jws === undefined || !this.#chain.holds('plimsoll-feed', payload, jws.toString('latin1'))) {
      return refused('forged', 'a part of it is not signed by a key that the API key vouches for');
    }
    const read = readFrame(payload.toString('utf8'));
    if (read === undefined) return refused('answer', 'a signed part of it makes no sense');
    if (read.faulty > 0) this.onFaulty(`${read.faulty} decisions or risks of the feed make no sense and are left out`);
    const taken = this.#follow(read.frame);
    if (taken.type !== 'refused') this.#note(read.frame);
    return taken;
  }

  #note({ type, issuedAt }: FeedFrame | UnknownFrame): void {
    // Greetings, parts of a snapshot and changes follow one another: none of them is taken twice.
    const isNext = type === 'hello' || type === 'snapshot' || type === 'delta';
    if (isNext || issuedAt > this.#connection.newestAt) this.#heard += 1;
    this.#connection.newestAt = Math.max(this.#connection.newestAt, issuedAt);
  }

  /**
   * The shares in the answer to a question with this nonce; undefined where it cannot be believed: not signed as such by a
   * trusted key, of another service, for another instance or question, or out of date.
   */
  shares(answer: Buffer, asked: { instance: string; nonce: string }): SharesFrame | undefined {
    const [event, ...more] = new FeedEvents(answer.length).push(answer) ?? [];
    const [payload, jws] = event?.data ?? [];
    if (payload === undefined || jws === undefined || more.length > 0) return undefined;
    if (!this.#chain.holds('plimsoll-shares', payload, jws.toString('latin1'))) return undefined;
    const frame = readShares(payload.toString('utf8'));
    if (frame?.service !== this.#place?.service || frame?.environment !== this.#place?.environment) return undefined;
    if (frame?.instance !== asked.instance || frame.nonce !== asked.nonce) return undefined;
    return frame.expiresAt > this.now() + this.#offset ? frame : undefined;
  }

  #follow(frame: FeedFrame | UnknownFrame): Taken {
    if (frame.type === 'hello') return this.#greet(frame);
    if (this.#connection.hello === undefined) return refused('forged', 'it does not begin with a greeting');
    if (frame.service !== this.#place?.service || frame.environment !== this.#place.environment) {
      return refused('forged', 'a part of it is of another service');
    }
    const serverNow = this.now() + this.#offset;
    if (frame.expiresAt <= serverNow) return refused('forged', 'a part of it is out of date');
    // The server's clock is ahead of the estimate: latency of the hello, or drift since.
    if (frame.issuedAt > serverNow) this.#setClock(frame.issuedAt);
    if (frame.type === 'unknown') return MORE;
    if (frame.type === 'risk') return this.#takeRisks(frame);
    if (frame.type === 'snapshot') return this.#takePart(frame);
    if (this.broken) return refused('forged', 'a snapshot was not whole');
    return frame.type === 'delta' ? this.#takeDelta(frame) : this.#takeBeat(frame);
  }

  #takeBeat(frame: BeatFrame): Taken {
    const { risks } = this.#connection;
    if (frame.risks !== undefined && frame.risks !== risks?.seq) return refused('forged', 'risks were held back');
    if (frame.version === this.#version) {
      this.sink.crowd(frame.instances, frame.busy ?? []);
      return this.#state;
    }
    return frame.version > (this.#version ?? 0)
      ? refused('forged', 'changes were held back')
      : refused('forged', 'a part of it was sent before');
  }

  #greet(hello: HelloFrame): Taken {
    const { nonce, hello: earlier } = this.#connection;
    if (earlier !== undefined || hello.nonce !== nonce) return refused('forged', 'its greeting is not for this connection');
    if (hello.key !== this.key.prefix) return refused('forged', 'its greeting is for another API key');
    const { service, environment, version } = hello;
    this.#place ??= { service, environment };
    if (service !== this.#place.service || environment !== this.#place.environment) {
      return refused('forged', 'its greeting names another service than before');
    }
    this.#connection.hello = hello;
    this.#setClock(hello.issuedAt);
    this.sink.crowd(hello.instances, hello.busy ?? []);
    if (version < (this.#version ?? 0)) {
      // Fresh and signed, so it is the server's own word: its database is an older one.
      this.onFaulty('the server has an older version of the decisions than before; taking all of them anew');
      this.#version = undefined;
    }
    return this.#state;
  }

  #takePart(frame: SnapshotFrame): Taken {
    const { id, next } = this.#connection.snapshot ?? { id: frame.snapshot, next: 0 };
    if (frame.version < (this.#version ?? 0)) return refused('forged', 'a snapshot is older than what is held');
    if (frame.snapshot !== id || frame.part !== next) return refused('forged', 'parts of a snapshot are missing');
    if (next === 0) {
      this.sink.begin();
      this.sink.allow(frame.allow ?? NOBODY);
    }
    this.sink.put(frame.decisions);
    this.#connection.snapshot = { id, next: next + 1 };
    if (next + 1 < frame.parts) return MORE;
    this.#connection.snapshot = undefined;
    this.sink.end();
    [this.#version, this.#mark] = [frame.version, frame.mark];
    return this.#state;
  }

  #takeDelta(frame: DeltaFrame): Taken {
    if (this.#version === undefined) return refused('answer', 'a change to what is not held here');
    if (frame.previous > this.#version) return refused('forged', 'changes were held back');
    if (frame.previous < this.#version) return refused('forged', 'a part of it was sent before');
    if (frame.allow) this.sink.allow(frame.allow);
    this.sink.lift(frame.lifted);
    this.sink.put(frame.decisions);
    [this.#version, this.#mark] = [frame.version, frame.mark];
    return this.#state;
  }

  #takeRisks(frame: RiskFrame): Taken {
    const { previous, seq, part, parts, raised, gone, halfLifeMs, floor } = frame;
    const held = this.#connection.risks;
    const isNext = part === 0 ? held === undefined || held.next === 0 : held?.next === part && held.seq === seq;
    if (!isNext || (part === 0 && previous !== null && previous !== held?.seq)) return refused('forged', 'risks were held back');
    if (held !== undefined && seq < held.seq) return refused('forged', 'risks were sent before');
    if (part === 0 && previous === null) this.risks.begin();
    this.risks.change({ raised, gone, halfLifeMs, floor });
    this.#connection.risks = { seq, next: part + 1 < parts ? part + 1 : 0 };
    return this.#state;
  }

  get #state(): Taken {
    return this.current ? { type: 'current' } : MORE;
  }

  #setClock(serverTime: number): void {
    const now = this.now();
    this.#offset = serverTime - now;
    this.sink.clock(serverTime, now);
    this.risks.clock(serverTime, now);
  }
}
