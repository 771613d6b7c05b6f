/**
 * Plain node:http, and whatever frameworks give its listener away: `createServer(plimsollHttp(options, listener))`. Refused
 * requests never reach the listener.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Guard, guarded, type PlimsollOptions, plimsoll } from './guard.js';
import { refuse } from './refusal.js';
import type { Verdict } from './verdict.js';
import { Visit, type VisitOptions } from './visit.js';

export type { Identified, Identity } from './visit.js';

/** `url` and `key`, or a `guard` that exists already. */
export type HttpOptions<Req extends IncomingMessage = IncomingMessage> = (PlimsollOptions | { guard: Guard }) &
  VisitOptions<Req> & {
    /** The template of the route that serves a request, `/orders/:id`; asked when it is finished. Without it, paths are learnt from. */
    routeOf?: (request: Req) => string | undefined;
  };

export interface PlimsollHttp<Req> {
  (request: Req, response: ServerResponse): void;
  readonly guard: Guard;
}

/** The listener with a bouncer before it. */
export function plimsollHttp<Req extends IncomingMessage = IncomingMessage>(
  options: HttpOptions<Req>,
  listener: (request: Req, response: ServerResponse) => unknown,
): PlimsollHttp<Req> {
  const guard = 'guard' in options ? options.guard : plimsoll(options);
  const enter = (request: Req, response: ServerResponse): Verdict => {
    const visit = new Visit(guard, request, response, options, request.url ?? '/');
    visit.recordAtEnd(() => options.routeOf?.(request));
    return visit.check();
  };
  const bouncing = (request: Req, response: ServerResponse): void => {
    const verdict = guarded(guard, () => enter(request, response));
    if (verdict.verdict === 'allow') listener(request, response);
    else refuse(response, verdict);
  };
  return Object.assign(bouncing, { guard });
}
