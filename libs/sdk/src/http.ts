/**
 * Plain node:http, and whatever frameworks give its listener away: `createServer(plimsollHttp(options, listener))`. Refused
 * requests never reach the listener.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Guard } from './guard.js';
import { refuse } from './refusal.js';
import type { AdapterOptions } from './visit-options.js';
import { type Arrival, Visits } from './visits.js';

export { guardUpgrades } from './upgrades.js';
export type { Identified, Identity } from './visit-options.js';

/** `url` and `key`, or a `guard` that exists already. */
export type HttpOptions<Req extends IncomingMessage = IncomingMessage> = AdapterOptions<Req> & {
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
  const visits = new Visits<Req>(options);
  const routeOf = ({ subject }: Arrival<Req>) => options.routeOf?.(subject);
  const bouncing = (request: Req, response: ServerResponse): void => {
    const verdict = visits.ask({ subject: request, request, response, target: request.url ?? '/', routeOf });
    if (verdict.verdict === 'allow') listener(request, response);
    else refuse(response, visits.reply(verdict, request));
  };
  return Object.assign(bouncing, { guard: visits.guard });
}
