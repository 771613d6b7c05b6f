/**
 * One request on its way through the host's API, as node:http sees it: who asks, what is answered, and the request log
 * at the end, recorded once however the response ends. Adapters of frameworks only say what the route is.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Caller, PLAIN } from './bouncer.js';
import { messageOf } from './faults.js';
import { credentialOf } from './fingerprint.js';
import type { Guard } from './guard.js';
import { cleanId, withoutQuery } from './log.js';
import { announce } from './refusal.js';
import { ALLOW, type Verdict } from './verdict.js';
import type { Identified, Identity } from './visit-options.js';
import type { Arrival, Visits } from './visits.js';

export class Visit<Req> implements Caller {
  actor: string | undefined;
  authenticated: boolean | undefined;
  readonly method: string;
  readonly path: string;
  readonly ip: string | undefined;
  readonly #startedAt = performance.now();
  readonly #bytesWritten: number;
  readonly #socket: IncomingMessage['socket'];
  readonly #visits: Visits<Req>;
  readonly #arrival: Arrival<Req>;
  #credential: string | undefined | null = null;
  #auth: Identity['auth'];
  #verdict: Verdict = ALLOW;
  #recorded = false;

  constructor(visits: Visits<Req>, arrival: Arrival<Req>) {
    const { request, target } = arrival;
    this.#visits = visits;
    this.#arrival = arrival;
    this.#socket = request.socket;
    this.#bytesWritten = request.socket.bytesWritten;
    this.method = request.method ?? 'GET';
    this.path = withoutQuery(target);
    this.ip = visits.addressOf(request);
    this.identify();
  }

  get #request(): IncomingMessage {
    return this.#arrival.request;
  }
  get #response(): ServerResponse {
    return this.#arrival.response;
  }

  /** Its fields are made in that form: the actor is cleaned, the address canonical, the method as node:http parses it. */
  get [PLAIN](): number {
    return this.#startedAt;
  }

  get proving(): boolean {
    return this.#visits.proving(this.method, this.path);
  }

  /** Made when it is asked for: hashing costs more than all the rest. */
  get credential(): string | undefined {
    if (this.#credential === null) this.#credential = this.#fingerprint();
    return this.#credential;
  }

  /** A connection that is kept open mostly carries one token: its fingerprint is kept there, as long as it is open. */
  #fingerprint(): string | undefined {
    const { guard, sessionCookie } = this.#visits;
    const { authorization } = this.#request.headers;
    const { [LAST]: last } = this.#socket as Noted;
    if (last !== undefined && last.authorization === authorization && last.guard === guard) return last.fingerprint;
    const secret = credentialOf(this.#request.headers, sessionCookie);
    const fingerprint = secret === undefined ? undefined : guard.fingerprint(secret);
    if (authorization && fingerprint) (this.#socket as Noted)[LAST] = { authorization, guard, fingerprint };
    return fingerprint;
  }

  /** Asks the host who it is; what was known before stays where it cannot say. */
  identify(): void {
    const { identify, guard } = this.#visits;
    if (!identify) return;
    try {
      this.#learn(identify(this.#arrival.subject));
    } catch (error) {
      guard.report('identify', `identify threw: ${messageOf(error)}`, error);
    }
  }

  #learn(identified: Identified): void {
    if (identified === undefined || identified === null) return;
    if (identified === this.actor && this.authenticated && this.#auth === undefined) return; // As before: the usual case.
    if (identified instanceof Promise) identified.catch(() => undefined);
    const identity = typeof identified === 'object' ? identified : { actor: identified };
    const actor = cleanId(identity.actor, 256);
    if (actor === undefined) {
      this.#visits.guard.report('identify', 'identify gave no actor of 1 to 256 characters (it must not be async)');
      return;
    }
    this.actor = actor;
    this.authenticated = identity.authenticated !== false;
    this.#auth = identity.auth === 'success' || identity.auth === 'failure' ? identity.auth : undefined;
  }

  /** The verdict on the request as far as the caller is known. */
  check(): Verdict {
    return this.#hold(this.#visits.closed(this.method, this.path) ?? this.#visits.guard.check(this));
  }

  /** Once more, when the host may know the actor by now: covers the actor alone, the rest has been checked. */
  checkAgain(): Verdict {
    const { actor: actorBefore, authenticated: authenticatedBefore } = this;
    this.identify();
    const { actor, authenticated, method, path, proving } = this;
    if (actor === actorBefore && authenticated === authenticatedBefore) return ALLOW;
    return this.#hold(this.#visits.guard.check({ actor, authenticated, method, path, proving, whole: this }));
  }

  #hold(judged: Verdict): Verdict {
    const verdict = this.#visits.heard(judged, this.#arrival.subject);
    if (verdict.verdict === 'allow') announce(this.#response, verdict);
    else this.#verdict = verdict;
    return verdict;
  }

  /** Records the request when the response has ended or its connection is gone: both close it. */
  recordAtEnd(): void {
    const end = () => {
      if (this.#recorded) return;
      this.#recorded = true;
      try {
        this.#record();
        this.#hangUp();
      } catch (error) {
        this.#visits.guard.report('internal', `a request was not recorded: ${messageOf(error)}`, error);
      }
    };
    this.#response.on('close', end);
    // A response that a framework made itself for a handshake is closed by nobody but its socket.
    if (this.#request.headers.upgrade !== undefined) this.#response.on('finish', end);
  }

  /** A refused handshake leaves its socket to nobody: no server's time-out would ever end it. */
  #hangUp(): void {
    if (this.#verdict.verdict !== 'allow' && this.#request.headers.upgrade !== undefined) this.#socket.destroySoon();
  }

  #record(): void {
    this.identify();
    const route = this.#verdict.verdict === 'allow' ? this.#routeOf() : this.#refusedRoute(this.#verdict.endpoint);
    this.#visits.guard.record({
      method: this.method,
      path: this.path,
      route,
      status: this.#status(),
      durationMs: performance.now() - this.#startedAt,
      bytesIn: this.#bytesIn(),
      bytesOut: this.#bytesOut(),
      ip: this.ip ?? '',
      userAgent: this.#request.headers['user-agent'] ?? '',
      actor: this.actor,
      authenticated: this.actor === undefined ? undefined : this.authenticated !== false,
      auth: this.#auth,
      credential: this.credential,
      verdict: this.#verdict.verdict,
    });
  }

  #routeOf(): string | undefined {
    return this.#arrival.routeOf(this.#arrival, this.path);
  }

  /** Of a request that was refused before it was routed: what the decision was about, else the likely route. */
  #refusedRoute(endpoint: string | null): string | undefined {
    const template = endpoint?.startsWith(`${this.method} `) ? endpoint.slice(this.method.length + 1) : undefined;
    return template ?? this.#visits.guard.routeOf(this.method, this.path);
  }

  #status(): number {
    if (this.#response.headersSent) return this.#response.statusCode;
    // As in nginx: the client left before there was an answer.
    return this.#upgraded ? 101 : 499;
  }

  /** A framework took the socket over for a WebSocket and wrote the handshake past its response. */
  get #upgraded(): boolean {
    return this.#request.headers.upgrade !== undefined && this.#socket.bytesWritten > this.#bytesWritten;
  }

  /** The body's length where it is stated and all of it came, else what the socket has read, less the head. */
  #bytesIn(): number {
    const { headers } = this.#request;
    const stated = Number(headers['content-length']);
    const read = this.#socket.bytesRead;
    const { [READ]: before = 0 } = this.#socket as Noted;
    (this.#socket as Noted)[READ] = read;
    if (stated >= 0 && this.#request.complete) return stated;
    if (!(stated > 0) && headers['transfer-encoding'] === undefined && headers.upgrade === undefined) return 0;
    const body = Math.max(0, read - before - headSize(this.#request));
    return stated >= 0 ? Math.min(stated, body) : body;
  }

  /** The stated length where the whole body went out, else what was written to the socket, head included. */
  #bytesOut(): number {
    if (!this.#response.headersSent && !this.#upgraded) return 0;
    const stated = Number(this.#response.getHeader('content-length'));
    const whole = this.#response.writableFinished && this.method !== 'HEAD' && this.#response.statusCode !== 304;
    return whole && stated >= 0 ? stated : this.#socket.bytesWritten - this.#bytesWritten;
  }
}

/** What the socket had read when its last request ended: a body may come in one packet with its head. */
const READ = Symbol('plimsoll read');
/** The last token that came over a socket. */
const LAST = Symbol('plimsoll credential');
type Noted = { [READ]?: number; [LAST]?: { authorization: string; guard: Guard; fingerprint: string } };

/** Of the request line and the header fields, as they came. */
function headSize({ method = '', url = '', rawHeaders }: IncomingMessage): number {
  // Two spaces, the version and the end of the line; `: ` and the end of a line of each field; the empty line.
  const fixed = method.length + url.length + 12 + rawHeaders.length * 2 + 2;
  return rawHeaders.reduce((sum, text) => sum + text.length, fixed);
}
