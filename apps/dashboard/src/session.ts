/**
 * Who is signed in on this page. The access tokens live in memory only; the refresh token is a cookie that scripts cannot read
 * and that is worth nothing without this browser's key. A renewal happens once at a time: within the page by sharing the
 * promise, across tabs under a Web Lock, and the tab that renewed hands its session to the others, so that ten tabs rotate the
 * cookie once and not ten times. Whatever changes cookie or key holds that lock, so that the two always belong together.
 */
import type { Person, Session } from '@plimsoll/contracts';
import { serverNow } from './clock.js';
import { learnNonce } from './first-nonce.js';
import { ApiError, send as sendRequest } from './http.js';
import { prover } from './prover.js';

export type SessionState =
  /** Nothing asked yet, or the server could not be asked. */
  | { status: 'unknown' }
  | { status: 'signed-in'; person: Person }
  /** `ended`: there was a session on this page and it is over. `why`: what a person must know of its end. */
  | { status: 'signed-out'; ended: boolean; why?: string };

/** What tabs tell each other. */
type TabMessage = { type: 'renewed'; session: Session } | { type: 'signed-out' };

interface Channel {
  postMessage(message: TabMessage): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

/** The edges of the browser, given from outside so that tests can drive two tabs. */
export interface SessionEdges {
  send: typeof sendRequest;
  /** Runs one task at a time over all tabs. */
  exclusively<T>(task: () => Promise<T>): Promise<T>;
  channel: Channel | undefined;
  /** The browser's key: read again, or replaced by another. */
  keys: { reload(): void; forget(): Promise<void> };
  /** Whether this browser has a refresh token at all, as far as can be known. */
  remembered(): Promise<boolean>;
  /** 0 to 1. */
  random(): number;
}

/** The token is renewed this long before it runs out. */
const AHEAD_MS = 30_000;
/** Up to this much earlier, at random: a room full of pages must not renew in one second. */
const JITTER_MS = 15_000;
const RETRY_MS = 5_000;
/** A token that is born old (a clock far off) must not make the page renew in a loop. */
const MIN_TIMER_MS = 5_000;
/** Timers of browsers count in 32 bits. */
const MAX_TIMER_MS = 2_000_000_000;

export class SessionStore {
  readonly #edges: SessionEdges;
  readonly #listeners = new Set<() => void>();
  #state: SessionState = { status: 'unknown' };
  #session: Session | undefined;
  #renewing: Promise<Session> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(edges: SessionEdges) {
    this.#edges = edges;
    if (!edges.channel) return;
    edges.channel.onmessage = ({ data }: MessageEvent<TabMessage>) => {
      edges.keys.reload();
      if (data.type === 'signed-out') this.#leave();
      else if (data.session.expiresAt > (this.#session?.expiresAt ?? 0)) this.#adopt(data.session);
    };
  }

  readonly snapshot = (): SessionState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** A token for the API that is good for at least 5 s, renewed first where needed. */
  async accessToken(): Promise<string> {
    return (await this.#fresh()).accessToken;
  }

  /** The same for the socket. */
  async liveToken(): Promise<string> {
    return (await this.#fresh()).liveToken;
  }

  /** Gets fresh tokens. A refusal signs out; anything else is tried again in some seconds. */
  renew(): Promise<Session> {
    this.#renewing ??= this.#rotate()
      .catch((error: unknown) => {
        if (isRefusal(error)) this.#leave(whyOf(error));
        else if (this.#session) this.#schedule(RETRY_MS * (1 + this.#edges.random()));
        throw error;
      })
      .finally(() => {
        this.#renewing = undefined;
      });
    return this.#renewing;
  }

  /** After sleep or time offline: timers stood still, and the token may have run out meanwhile. */
  wake(): void {
    if (this.#session && this.#session.expiresAt - serverNow() < AHEAD_MS) void this.renew().catch(() => {});
  }

  /**
   * Asks once, from the cookie, whether somebody is signed in.
   * @throws ApiError where the server could not say; "nobody" is an answer, not an error.
   */
  async restore(): Promise<SessionState> {
    // Asked first, so that who is not signed in is not told so by a refusal, which browsers show as an error.
    if (this.#state.status === 'unknown' && !(await this.#edges.remembered()) && this.#state.status === 'unknown') this.#leave();
    if (this.#state.status === 'unknown') {
      await this.renew().catch((error: unknown) => {
        if (this.#state.status === 'unknown') throw error;
      });
    }
    return this.#state;
  }

  signIn(token: string): Promise<void> {
    return this.enter(() => this.#edges.send('signIn', { body: { token } }));
  }

  /** Begins a session by whatever `open` does: it must not send anything but what answers with one. */
  async enter(open: () => Promise<Session>): Promise<void> {
    await this.#edges.exclusively(async () => {
      this.#edges.keys.reload();
      const session = await open();
      this.#adopt(session);
      this.#edges.channel?.postMessage({ type: 'renewed', session });
    });
  }

  /** Ends the session on the server and in every tab. A session that is already over is no error. */
  async signOut(): Promise<void> {
    try {
      await this.#edges.send('signOut', {}, { accessToken: await this.accessToken() });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
    }
    await this.#edges.exclusively(() => this.#edges.keys.forget());
    this.#edges.channel?.postMessage({ type: 'signed-out' });
    this.#leave();
  }

  async #fresh(): Promise<Session> {
    const session = this.#session;
    return session && session.expiresAt - serverNow() > 5_000 ? session : this.renew();
  }

  #rotate(): Promise<Session> {
    const before = this.#session;
    return this.#edges.exclusively(async () => {
      // Another tab may have renewed while this one waited for the lock.
      if (this.#session && this.#session !== before) return this.#session;
      this.#edges.keys.reload();
      // Without a key one is made, and the cookie is presented all the same: if there is one, it was copied, and the server
      // should know. A key whose session is over is of no use any more.
      const session = await this.#edges.send('refresh', {}, { counted: true }).catch(async (error: unknown) => {
        if (isRefusal(error)) await this.#edges.keys.forget();
        throw error;
      });
      this.#adopt(session);
      this.#edges.channel?.postMessage({ type: 'renewed', session });
      return session;
    });
  }

  #adopt(session: Session): void {
    this.#session = session;
    this.#schedule(session.expiresAt - serverNow() - AHEAD_MS - JITTER_MS * this.#edges.random());
    this.#change({ status: 'signed-in', person: session.person });
  }

  #leave(why?: string): void {
    const ended = this.#session !== undefined;
    this.#session = undefined;
    clearTimeout(this.#timer);
    this.#change({ status: 'signed-out', ended, ...(why !== undefined && { why }) });
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.renew().catch(() => {}), Math.min(Math.max(delayMs, MIN_TIMER_MS), MAX_TIMER_MS));
  }

  #change(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** The server says that there is no session any more; all else (no network, 5xx, a proof it cannot take) says nothing about it. */
const isRefusal = (error: unknown): error is ApiError =>
  error instanceof ApiError &&
  error.fault.type === 'problem' &&
  ['unauthenticated', 'session-copied', 'forbidden'].includes(error.fault.problem.code);

function whyOf({ fault }: ApiError): string | undefined {
  return fault.type === 'problem' && fault.problem.code === 'session-copied' ? fault.problem.detail : undefined;
}

/** Web Locks exist wherever the page is secure, and elsewhere there is no key either. */
function underLock<T>(task: () => Promise<T>): Promise<T> {
  const locks: LockManager | undefined = navigator.locks;
  return locks ? locks.request('plimsoll-session', task) : task();
}

export const session = new SessionStore({
  send: sendRequest,
  exclusively: underLock,
  channel: typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('plimsoll-session'),
  keys: prover,
  remembered: () => learnNonce(prover),
  random: Math.random,
});
