/**
 * What all adapters share: one visit a request, however often its adapter is mounted, the verdict with the host's say in
 * it, and the answer to a refused request. Whatever fails in here lets the request through and is counted.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from './faults.js';
import { type Guard, plimsoll } from './guard.js';
import { addressReader } from './proxies.js';
import { changed, type Reply, refusalOf, replyOf } from './refusal.js';
import { pathMatcher } from './routes.js';
import { ALLOW, completed, type Refusing, type Verdict } from './verdict.js';
import { Visit } from './visit.js';
import type { AdapterOptions, Identified, VisitOptions } from './visit-options.js';

/** One request as an adapter hands it over. */
export interface Arrival<Req> {
  /** The framework's own request, for the host's functions. */
  subject: Req;
  request: IncomingMessage;
  response: ServerResponse;
  /** The whole target, which a framework may have cut in `request.url`. */
  target: string;
  /** The template of the route that served it; asked when it is finished. One function for all, so that none is made for each request. */
  routeOf: (arrival: Arrival<Req>, path: string) => string | undefined;
}

const MIN_STALE_MS = 60_000;
const STALE_MS = 300_000;

/** Decisions are out of reach on a route that fails closed. */
const UNREACHABLE: Refusing = Object.freeze({
  verdict: 'block',
  origin: 'fail-closed',
  endpoint: null,
  reason: 'decisions are out of reach, and this route fails closed',
});

export class Visits<Req> {
  readonly guard: Guard;
  readonly addressOf: (request: IncomingMessage) => string | undefined;
  readonly sessionCookie: string;
  readonly identify: ((request: Req) => Identified) | undefined;
  readonly #mark: symbol;
  readonly #options: VisitOptions<Req>;
  readonly #staleMs: number;
  readonly #closed: RouteTest | undefined;
  readonly #proving: RouteTest | undefined;

  constructor(options: AdapterOptions<Req>) {
    this.guard = 'guard' in options ? options.guard : plimsoll(options);
    this.#mark = markOf(this.guard);
    this.#options = options;
    this.identify = options.identify;
    this.sessionCookie = options.sessionCookie ?? 'connect.sid';
    const { trustedProxies, forwardedHeader, staleSeconds, failClosed, proofRoutes } = options;
    this.addressOf = this.#or(
      () => addressReader(trustedProxies, forwardedHeader),
      () => addressReader(),
    );
    this.#staleMs = Math.max(MIN_STALE_MS, (staleSeconds ?? 0) * 1000 || STALE_MS);
    this.#closed = this.#or(
      () => routeTest('failClosed', failClosed),
      () => undefined,
    );
    this.#proving = this.#or(
      () => routeTest('proofRoutes', proofRoutes),
      () => undefined,
    );
  }

  /** The value, or what is safe where the host's option makes none. */
  #or<T>(make: () => T, safe: () => T): T {
    try {
      return make();
    } catch (error) {
      this.guard.report('config', `an option is left out: ${messageOf(error)}`, error);
      return safe();
    }
  }

  /** Has this request been here before? */
  knows(request: IncomingMessage): boolean {
    return visitOf(request, this.#mark) !== undefined;
  }

  /** The verdict on a request; from the second time on, on its actor alone. It is recorded once, when it has ended. */
  ask(arrival: Arrival<Req>): Verdict {
    try {
      const known = visitOf<Req>(arrival.request, this.#mark);
      if (known) return known.checkAgain();
      const visit = new Visit(this, arrival);
      (arrival.request as Marked<Req>)[this.#mark] = visit;
      visit.recordAtEnd();
      return visit.check();
    } catch (error) {
      return this.#letThrough(error);
    }
  }

  /** The verdict on the actor of a request that was here before, when the host may know who it is by now. */
  askAgain(request: IncomingMessage): Verdict {
    try {
      return visitOf<Req>(request, this.#mark)?.checkAgain() ?? ALLOW;
    } catch (error) {
      return this.#letThrough(error);
    }
  }

  #letThrough(error: unknown): Verdict {
    this.guard.report('internal', 'a request was let through unchecked', error);
    return ALLOW;
  }

  /** Is the route closed because decisions are out of reach? */
  closed(method: string, path: string): Refusing | undefined {
    if (this.#closed === undefined || (this.guard.heardMsAgo() ?? Number.POSITIVE_INFINITY) <= this.#staleMs) return undefined;
    return this.#closed(method, path) ? UNREACHABLE : undefined;
  }

  /** Is this a route on which a user can prove itself? */
  proving(method: string, path: string): boolean {
    return this.#proving?.(method, path) ?? false;
  }

  /** The verdict with the host's say in it. */
  heard(verdict: Verdict, subject: Req): Verdict {
    const { onVerdict } = this.#options;
    if (!onVerdict) return verdict;
    try {
      const said: unknown = onVerdict(verdict, subject);
      if (said === undefined || said === verdict) return verdict;
      if (said instanceof Promise) said.catch(() => undefined);
      const whole = completed(said);
      if (whole) return whole;
      this.guard.report('hook', 'onVerdict returned no verdict (it must not be async)');
    } catch (error) {
      this.guard.report('hook', `onVerdict threw: ${messageOf(error)}`, error);
    }
    return verdict;
  }

  /** The answer to a refused request, with the host's changes. */
  reply(verdict: Refusing, subject: Req): Reply {
    const { answer } = this.#options;
    const own = replyOf(refusalOf(verdict));
    if (!answer) return own;
    try {
      const refusal = changed(refusalOf(verdict), answer(refusalOf(verdict), verdict, subject), verdict.verdict === 'challenge');
      if (refusal) return replyOf(refusal);
      this.guard.report('hook', 'answer returned what cannot be sent');
    } catch (error) {
      this.guard.report('hook', `answer threw: ${messageOf(error)}`, error);
    }
    return own;
  }
}

const marks = new WeakMap<Guard, symbol>();

/** Where a guard keeps its visit: on the request itself, since a WeakMap of requests costs more than all the rest here. */
function markOf(guard: Guard): symbol {
  const known = marks.get(guard);
  if (known !== undefined) return known;
  const made = Symbol('plimsoll visit');
  marks.set(guard, made);
  return made;
}

type Marked<Req> = IncomingMessage & Record<symbol, Visit<Req> | undefined>;
const visitOf = <Req>(request: IncomingMessage, mark: symbol): Visit<Req> | undefined => (request as Marked<Req>)[mark];

type RouteTest = (method: string, path: string) => boolean;

function routeTest(option: string, routes: boolean | readonly string[] | undefined): RouteTest | undefined {
  if (routes === undefined || routes === false) return undefined;
  if (routes === true) return () => true;
  const tests = routes.map((route) => {
    const [, method = '', template = ''] = /^(?:([A-Z-]{1,20}) )?(\/\S*)$/.exec(route) ?? [];
    if (template === '') throw new Error(`\`${option}\`: ${JSON.stringify(String(route).slice(0, 60))} is no route`);
    return { method, serves: pathMatcher(template) };
  });
  return (method, path) => tests.some((one) => (one.method === '' || one.method === method) && one.serves(path));
}
