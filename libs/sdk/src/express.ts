/**
 * Express 4 and 5: `app.use(plimsollExpress({ url, key, identify }))`. Mount it first, so that it sees every request;
 * mount the same one again behind the host's authentication where the actor is only known there: the second time it
 * records nothing, but gives the verdict on the actor.
 */
import type { ServerResponse } from 'node:http';
import { type ExpressRequest, followRoute, inTable, routeOf } from './express-route.js';
import type { Guard } from './guard.js';
import { refuse } from './refusal.js';
import type { AdapterOptions } from './visit-options.js';
import { type Arrival, Visits } from './visits.js';

export type { ExpressRequest } from './express-route.js';
export type { Identified, Identity } from './visit-options.js';

/** `url` and `key`, or a `guard` that exists already. */
export type ExpressOptions<Req> = AdapterOptions<Req>;

export interface PlimsollExpress<Req> {
  (request: Req, response: ServerResponse, next: (error?: unknown) => void): void;
  readonly guard: Guard;
}

/** The middleware. Annotate the request in TypeScript: `identify: (req: Request) => req.user?.id`. */
export function plimsollExpress<Req extends ExpressRequest = ExpressRequest>(options: ExpressOptions<Req>): PlimsollExpress<Req> {
  const visits = new Visits(options);
  const middleware = (request: Req, response: ServerResponse, next: (error?: unknown) => void): void => {
    if (!visits.knows(request)) {
      followRoute(request);
      inTable(response);
    }
    const verdict = visits.ask({
      subject: request,
      request,
      response,
      target: request.originalUrl ?? request.url ?? '/',
      routeOf: servedBy,
    });
    if (verdict.verdict === 'allow') next();
    else refuse(response, visits.reply(verdict, request));
  };
  return Object.assign(middleware, { guard: visits.guard });
}

function servedBy<Req extends ExpressRequest>({ subject, response }: Arrival<Req>, path: string): string | undefined {
  return routeOf(subject, path, response.statusCode);
}
