/**
 * One request on its way through the host's API, as node:http sees it: who asks, what is answered, and the request log
 * at the end, recorded once however the response ends. Adapters of frameworks only say what the route is.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { clientAddress } from './address.js';
import type { Caller } from './bouncer.js';
import { messageOf } from './faults.js';
import { credentialOf } from './fingerprint.js';
import type { Guard } from './guard.js';
import { cleanId, withoutQuery } from './log.js';
import { ALLOW, type Verdict } from './verdict.js';

/** Who the host says it is. */
export interface Identity {
  /** The user's id in the host's system; never an e-mail address or a name where it can be avoided. */
  actor: string | number | bigint;
  /** False where the actor is only claimed, as in a failed sign-in. */
  authenticated?: boolean;
  /** The outcome of a sign-in. */
  auth?: 'success' | 'failure';
}
export type Identified = Identity | string | number | bigint | null | undefined;

export interface VisitOptions<Req> {
  /**
   * Names the actor of a request. Asked before the request is handled, for the verdict, and again when it is finished,
   * for the log: it may answer undefined as long as the host does not know. Must be quick, and not async.
   */
  identify?: (request: Req) => Identified;
  /** Proxies in front of this server that append to X-Forwarded-For; 0 (default) never reads the header. */
  trustedProxies?: number;
  /** Cookie that holds a session, `connect.sid` by default; only its fingerprint is sent. */
  sessionCookie?: string;
}

export class Visit<Req extends IncomingMessage> implements Caller {
  actor: string | undefined;
  authenticated: boolean | undefined;
  readonly method: string;
  readonly path: string;
  readonly ip: string | undefined;
  readonly #startedAt = performance.now();
  readonly #bytesRead: number;
  readonly #bytesWritten: number;
  readonly #socket: Req['socket'];
  #credential: string | undefined | null = null;
  #auth: Identity['auth'];
  #verdict: Verdict = ALLOW;
  #recorded = false;

  /** `target` is the request's whole target, which a framework may have cut in `request.url`. */
  constructor(
    private readonly guard: Guard,
    private readonly request: Req,
    private readonly response: ServerResponse,
    private readonly options: VisitOptions<Req>,
    target: string,
  ) {
    this.#socket = request.socket;
    this.#bytesRead = request.socket.bytesRead;
    this.#bytesWritten = request.socket.bytesWritten;
    this.method = request.method ?? 'GET';
    this.path = withoutQuery(target);
    const forwardedFor = request.headers['x-forwarded-for'];
    this.ip = clientAddress(request.socket.remoteAddress, forwardedFor, options.trustedProxies ?? 0);
    this.identify();
  }

  /** Made when it is asked for: hashing costs more than all the rest. */
  get credential(): string | undefined {
    if (this.#credential !== null) return this.#credential;
    const secret = credentialOf(this.request.headers, this.options.sessionCookie ?? 'connect.sid');
    this.#credential = secret === undefined ? undefined : this.guard.fingerprint(secret);
    return this.#credential;
  }

  /** Asks the host who it is; what was known before stays where it cannot say. */
  identify(): void {
    if (!this.options.identify) return;
    try {
      this.#learn(this.options.identify(this.request));
    } catch (error) {
      this.guard.report('identify', `identify threw: ${messageOf(error)}`, error);
    }
  }

  #learn(identified: Identified): void {
    if (identified === undefined || identified === null) return;
    if (identified instanceof Promise) identified.catch(() => undefined);
    const identity = typeof identified === 'object' ? identified : { actor: identified };
    const actor = cleanId(identity.actor, 256);
    if (actor === undefined) {
      this.guard.report('identify', 'identify gave no actor of 1 to 256 characters (it must not be async)');
      return;
    }
    this.actor = actor;
    this.authenticated = identity.authenticated !== false;
    this.#auth = identity.auth === 'success' || identity.auth === 'failure' ? identity.auth : undefined;
  }

  /** The verdict on the request as far as the caller is known. */
  check(): Verdict {
    return this.#hold(this.guard.check(this));
  }

  /** Once more, when the host may know the actor by now: covers the actor alone, the rest has been checked. */
  checkAgain(): Verdict {
    const before = [this.actor, this.authenticated];
    this.identify();
    const { actor, authenticated, method, path } = this;
    if (actor === before[0] && authenticated === before[1]) return ALLOW;
    return this.#hold(this.guard.check({ actor, authenticated, method, path }));
  }

  #hold(verdict: Verdict): Verdict {
    if (verdict.verdict !== 'allow') this.#verdict = verdict;
    return verdict;
  }

  /** Records the request when the response has ended or its connection is gone. `routeOf` is asked then. */
  recordAtEnd(routeOf: () => string | undefined): void {
    const end = () => {
      if (this.#recorded) return;
      this.#recorded = true;
      try {
        this.#record(routeOf);
      } catch (error) {
        this.guard.report('internal', `a request was not recorded: ${messageOf(error)}`, error);
      }
    };
    this.response.once('finish', end).once('close', end);
  }

  #record(routeOf: () => string | undefined): void {
    this.identify();
    const route = this.#verdict.verdict === 'allow' ? routeOf() : this.#refusedRoute(this.#verdict.endpoint);
    this.guard.record({
      method: this.method,
      path: this.path,
      // 499 as in nginx: the client left before there was an answer.
      status: this.response.headersSent ? this.response.statusCode : 499,
      durationMs: performance.now() - this.#startedAt,
      bytesIn: this.#bytesIn(),
      bytesOut: this.#bytesOut(),
      ip: this.ip ?? '',
      userAgent: this.request.headers['user-agent'] ?? '',
      verdict: this.#verdict.verdict,
      ...(route === undefined ? {} : { route }),
      ...(this.actor === undefined ? {} : { actor: this.actor, authenticated: this.authenticated !== false }),
      ...(this.#auth === undefined ? {} : { auth: this.#auth }),
      ...(this.credential === undefined ? {} : { credential: this.credential }),
    });
  }

  /** Of a request that was refused before it was routed: what the decision was about, else the likely route. */
  #refusedRoute(endpoint: string | null): string | undefined {
    const template = endpoint?.startsWith(`${this.method} `) ? endpoint.slice(this.method.length + 1) : undefined;
    return template ?? this.guard.routeOf(this.method, this.path);
  }

  /** The body's length where it is stated, else what the socket has read since (less what came with the head). */
  #bytesIn(): number {
    const stated = Number(this.request.headers['content-length']);
    if (stated >= 0) return stated;
    return this.request.headers['transfer-encoding'] === undefined ? 0 : this.#socket.bytesRead - this.#bytesRead;
  }

  /** The stated length where the whole body went out, else what was written to the socket, head included. */
  #bytesOut(): number {
    const stated = Number(this.response.getHeader('content-length'));
    const whole = this.response.writableFinished && this.method !== 'HEAD' && this.response.statusCode !== 304;
    return whole && stated >= 0 ? stated : this.#socket.bytesWritten - this.#bytesWritten;
  }
}
