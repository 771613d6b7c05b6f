/** What a host may say about the requests of one adapter. Checked once, when the adapter is made: see visits.ts. */
import type { ForwardedHeader } from './forwarded.js';
import type { Guard } from './guard.js';
import type { PlimsollOptions } from './guard-options.js';
import type { TrustedProxies } from './proxies.js';
import type { Answer, Refusal } from './refusal.js';
import type { Refusing, Verdict } from './verdict.js';

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

/** `Req` is the framework's own request, or Koa's and Hono's context. */
export interface VisitOptions<Req> {
  /**
   * Names the actor of a request. Asked before the request is handled, for the verdict, and again when it is finished,
   * for the log: it may answer undefined as long as the host does not know. Must be quick, and not async.
   */
  identify?: (request: Req) => Identified;
  /** Proxies in front of this server: their number, or their addresses and ranges. 0 (default) never reads the header. */
  trustedProxies?: TrustedProxies;
  /** The one header that they write, X-Forwarded-For by default. The other one is never read. */
  forwardedHeader?: ForwardedHeader;
  /** Cookie that holds a session, `connect.sid` by default; only its fingerprint is sent. */
  sessionCookie?: string;
  /**
   * Told each verdict before it is carried out; what it returns is carried out instead: softer, or harder. Undefined
   * leaves it. Must be quick, and not async; where it throws, the verdict stands.
   */
  onVerdict?: (verdict: Verdict, request: Req) => Verdict | undefined;
  /** Changes status (400 to 599; to a challenge also 302, 303 or 307 with `location`), header fields or body of the answer to a refused request. */
  answer?: (refusal: Refusal, verdict: Refusing, request: Req) => Answer;
  /**
   * Routes that are closed (503) while decisions are out of reach, `['POST /payments/:id', '/admin/*']`, or true for all.
   * By default none: a request passes as long as no decision speaks against it.
   */
  failClosed?: boolean | readonly string[];
  /**
   * Routes on which a user can prove itself, `['GET /step-up', 'POST /step-up']`: a challenge is not put there, or nobody could ever
   * meet one. Blocks and throttles hold there as everywhere.
   */
  proofRoutes?: readonly string[];
  /** Decisions count as out of reach when none came yet or Plimsoll was silent for so long; 300 by default, at least 60. */
  staleSeconds?: number;
}

/** `url` and `key`, or a `guard` that exists already. */
export type AdapterOptions<Req> = (PlimsollOptions | { guard: Guard }) & VisitOptions<Req>;
