/**
 * Who is signed in on this page. The access token lives in memory only; the refresh token is a cookie that scripts
 * cannot read. A renewal happens once at a time: within the page by sharing the promise, across tabs under a Web Lock,
 * and the tab that renewed hands its session to the others, so that ten tabs rotate the cookie once and not ten times.
 */
import type { Person, Session } from '@plimsoll/contracts';
import { serverNow } from './clock.js';
import { ApiError, send as sendRequest } from './http.js';

export type SessionState =
  /** Nothing asked yet, or the server could not be asked. */
  | { status: 'unknown' }
  | { status: 'signed-in'; person: Person }
  /** `ended`: there was a session on this page and it is over. */
  | { status: 'signed-out'; ended: boolean };

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
}

/** The token is renewed this long before it runs out. */
const AHEAD_MS = 30_000;
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
      if (data.type === 'signed-out') this.#leave();
      else if (data.session.expiresAt > (this.#session?.expiresAt ?? 0)) this.#adopt(data.session);
    };
  }

  readonly snapshot = (): SessionState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** A token that is good for at least 5 s, renewed first where needed. */
  async accessToken(): Promise<string> {
    const session = this.#session;
    const fresh = session && session.expiresAt - serverNow() > 5_000;
    return (fresh ? session : await this.renew()).accessToken;
  }

  /** Gets a fresh access token. A refusal signs out; an unreachable server is tried again in 5 s. */
  renew(): Promise<Session> {
    this.#renewing ??= this.#rotate()
      .catch((error: unknown) => {
        if (error instanceof ApiError && (error.status === 401 || error.status === 403)) this.#leave();
        else if (this.#session) this.#schedule(RETRY_MS);
        throw error;
      })
      .finally(() => {
        this.#renewing = undefined;
      });
    return this.#renewing;
  }

  /**
   * Asks once, from the cookie, whether somebody is signed in.
   * @throws ApiError where the server could not say; "nobody" is an answer, not an error.
   */
  async restore(): Promise<SessionState> {
    if (this.#state.status === 'unknown') {
      await this.renew().catch((error: unknown) => {
        if (this.#state.status === 'unknown') throw error;
      });
    }
    return this.#state;
  }

  async signIn(token: string): Promise<void> {
    const session = await this.#edges.send('signIn', { body: { token } });
    this.#adopt(session);
    this.#edges.channel?.postMessage({ type: 'renewed', session });
  }

  /** Ends the session on the server and in every tab. A session that is already over is no error. */
  async signOut(): Promise<void> {
    try {
      await this.#edges.send('signOut', {}, { accessToken: await this.accessToken() });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
    }
    this.#edges.channel?.postMessage({ type: 'signed-out' });
    this.#leave();
  }

  #rotate(): Promise<Session> {
    const before = this.#session;
    return this.#edges.exclusively(async () => {
      // Another tab may have renewed while this one waited for the lock.
      if (this.#session && this.#session !== before) return this.#session;
      const session = await this.#edges.send('refresh', {});
      this.#adopt(session);
      this.#edges.channel?.postMessage({ type: 'renewed', session });
      return session;
    });
  }

  #adopt(session: Session): void {
    this.#session = session;
    this.#schedule(session.expiresAt - serverNow() - AHEAD_MS);
    this.#change({ status: 'signed-in', person: session.person });
  }

  #leave(): void {
    const ended = this.#session !== undefined;
    this.#session = undefined;
    clearTimeout(this.#timer);
    this.#change({ status: 'signed-out', ended });
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

/** Web Locks exist on https and localhost; elsewhere the server's grace for simultaneous refreshes must do. */
function underLock<T>(task: () => Promise<T>): Promise<T> {
  const locks: LockManager | undefined = navigator.locks;
  return locks ? locks.request('plimsoll-session', task) : task();
}

export const session = new SessionStore({
  send: sendRequest,
  exclusively: underLock,
  channel: typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('plimsoll-session'),
});
