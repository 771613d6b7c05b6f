/**
 * The live channel, the one place that knows socket.io. Keeps the connection up with the session's token, renews it when
 * the gateway says `expired`, and hands on: alerts, decisions, traffic, how far decisions have come, and "something was missed".
 */
import {
  type Alert,
  type ClientEvents,
  type Decision,
  LIVE_PATH,
  type LiveCredentials,
  type ServerEvents,
  type TrafficTick,
} from '@plimsoll/contracts';
import type { ManagerOptions, Socket, SocketOptions } from 'socket.io-client';
import type { Prover } from './prover.js';
import { follow, greet, type Sequence } from './sequence.js';
import type { SessionStore } from './session.js';

export type Connection = 'connecting' | 'live' | 'offline';

export interface LiveSinks {
  alert(alert: Alert): void;
  decision(decision: Decision): void;
  traffic(ticks: readonly TrafficTick[]): void;
  /** How far the newest decision of a service has come. */
  reach(service: string): void;
  /** Events were missed: everything shown may be out of date. */
  missed(): void;
}

type LiveSocket = Socket<ServerEvents, ClientEvents>;
type LiveSession = Pick<SessionStore, 'liveToken' | 'renew' | 'snapshot'>;
type Proving = Pick<Prover, 'proof' | 'nonce'>;

/** Opens no connection by itself. */
type Connect = (options: Partial<ManagerOptions & SocketOptions>) => LiveSocket;
/** Its code comes behind that of the first page: nothing of the picture waits for it. */
const loadConnect = async (): Promise<Connect> => (await import('socket.io-client')).io;

const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 10_000;

export class LiveChannel {
  readonly #session: LiveSession;
  readonly #proving: Proving;
  readonly #sinks: LiveSinks;
  readonly #listeners = new Set<() => void>();
  #connection: Connection = 'connecting';
  #sequence: Sequence | undefined;
  /** From open to close; another one each time. */
  #opening: object | undefined;
  #socket: LiveSocket | undefined;
  #refusals = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(session: LiveSession, proving: Proving, sinks: LiveSinks) {
    this.#session = session;
    this.#proving = proving;
    this.#sinks = sinks;
  }

  readonly snapshot = (): Connection => this.#connection;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  open(): void {
    if (this.#opening) return;
    this.#opening = {};
    void this.#begin(this.#opening);
  }

  async #begin(opening: object): Promise<void> {
    const connect = await loadConnect().catch(() => undefined);
    if (this.#opening !== opening) return;
    if (!connect) {
      this.#change('offline');
      this.#retry = setTimeout(() => void this.#begin(opening), RETRY_MAX_MS);
      return;
    }
    const socket = connect({
      transports: ['websocket'],
      autoConnect: false,
      reconnectionDelay: RETRY_MIN_MS,
      reconnectionDelayMax: RETRY_MAX_MS,
      auth: (answer) => {
        this.#credentials().then(answer, () => answer({}));
      },
    });
    this.#socket = socket;
    this.#listenToEvents(socket);
    this.#listenToConnection(socket);
    socket.connect();
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#opening = undefined;
    this.#socket?.removeAllListeners();
    this.#socket?.disconnect();
    this.#socket = undefined;
    this.#sequence = undefined;
    this.#change('connecting');
  }

  #listenToEvents(socket: LiveSocket): void {
    socket.on('hello', (hello) => {
      const { next, stale } = greet(this.#sequence, hello);
      this.#sequence = next;
      this.#refusals = 0;
      this.#change('live');
      if (stale) this.#sinks.missed();
    });
    socket.on('alert', ({ seq, alert }) => {
      this.#count(seq);
      this.#sinks.alert(alert);
    });
    socket.on('decision', ({ seq, decision }) => {
      this.#count(seq);
      this.#sinks.decision(decision);
    });
    socket.on('reach', ({ service }) => this.#sinks.reach(service));
    socket.on('traffic', ({ ticks }) => this.#sinks.traffic(ticks));
  }

  #listenToConnection(socket: LiveSocket): void {
    socket.on('expired', () => {
      this.#session
        .renew()
        .then(() => this.#renew(socket))
        .catch(() => {});
    });
    socket.on('disconnect', (reason) => {
      this.#change('offline');
      if (reason === 'io server disconnect') this.#tryAgain();
    });
    socket.on('connect_error', (error: Error & { data?: { nonce?: string } }) => {
      this.#change('offline');
      if (error.data?.nonce !== undefined) {
        // Only the proof's nonce was of old: at once, but no oftener than other refusals where it goes on.
        this.#proving.nonce = error.data.nonce;
        if (this.#refusals === 0) {
          this.#refusals = 1;
          socket.connect();
          return;
        }
      }
      if (!socket.active) this.#tryAgain();
    });
  }

  async #credentials(): Promise<LiveCredentials> {
    const token = await this.#session.liveToken();
    const url = new URL(LIVE_PATH, location.origin.replace(/^http/, 'ws')).href;
    return { token, proof: await this.#proving.proof({ method: 'GET', url, accessToken: token }) };
  }

  /** Once more where the proof's nonce was too old. Where it is refused the gateway ends the connection, and we come again. */
  async #renew(socket: LiveSocket, again = true): Promise<void> {
    const credentials = await this.#credentials();
    socket.emit('renew', credentials, (outcome) => {
      if (outcome.type !== 'nonce' || !again) return;
      this.#proving.nonce = outcome.nonce;
      void this.#renew(socket, false).catch(() => {});
    });
  }

  #count(seq: number): void {
    const { next, stale } = follow(this.#sequence, seq);
    this.#sequence = next;
    if (stale) this.#sinks.missed();
  }

  /** The gateway refused or ended the connection: socket.io does not try again by itself, we do, with a new token. */
  #tryAgain(): void {
    clearTimeout(this.#retry);
    const delay = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** this.#refusals) * (0.5 + Math.random() / 2);
    this.#refusals += 1;
    this.#retry = setTimeout(() => {
      this.#session
        .renew()
        .then(() => this.#socket?.connect())
        .catch(() => {
          if (this.#session.snapshot().status === 'signed-in') this.#tryAgain();
        });
    }, delay);
  }

  #change(connection: Connection): void {
    if (connection === this.#connection) return;
    this.#connection = connection;
    for (const listener of this.#listeners) listener();
  }
}
