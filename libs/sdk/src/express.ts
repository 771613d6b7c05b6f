/**
 * Express 4 and 5: `app.use(plimsollExpress({ url, key, identify }))`. Mount it first, so that it sees every request;
 * mount the same one again behind the host's authentication where the actor is only known there: the second time it
 * records nothing, but gives the verdict on the actor.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExpressRequest, followRoute, routeOf } from './express-route.js';
import { type Guard, guarded, type PlimsollOptions, plimsoll } from './guard.js';
import { refuse } from './refusal.js';
import type { Verdict } from './verdict.js';
import { Visit, type VisitOptions } from './visit.js';

export type { ExpressRequest } from './express-route.js';
export type { Identified, Identity } from './visit.js';

/** `url` and `key`, or a `guard` that exists already. */
export type ExpressOptions<Req> = (PlimsollOptions | { guard: Guard }) & VisitOptions<Req>;

export interface PlimsollExpress<Req> {
  (request: Req, response: ServerResponse, next: (error?: unknown) => void): void;
  readonly guard: Guard;
}

/** The middleware. Annotate the request in TypeScript: `identify: (req: Request) => req.user?.id`. */
export function plimsollExpress<Req extends ExpressRequest = ExpressRequest>(options: ExpressOptions<Req>): PlimsollExpress<Req> {
  const guard = 'guard' in options ? options.guard : plimsoll(options);
  const visits = new WeakMap<IncomingMessage, Visit<Req>>();
  const enter = (request: Req, response: ServerResponse): Verdict => {
    const visit = visits.get(request);
    if (visit) return visit.checkAgain();
    const first = new Visit(guard, request, response, options, request.originalUrl ?? request.url ?? '/');
    visits.set(request, first);
    followRoute(request);
    first.recordAtEnd(() => routeOf(request, first.path));
    return first.check();
  };
  const middleware = (request: Req, response: ServerResponse, next: (error?: unknown) => void): void => {
    const verdict = guarded(guard, () => enter(request, response));
    if (verdict.verdict === 'allow') next();
    else refuse(response, verdict);
  };
  return Object.assign(middleware, { guard });
}
