/**
 * Koa 2 and 3: `app.use(plimsollKoa({ url, key, identify }))`, first. `identify` is given Koa's context. Mount the same one
 * again behind the host's authentication where the actor is only known there. Routes are those of @koa/router.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Guard } from './guard.js';
import { mountedTemplate } from './koa-route.js';
import type { AdapterOptions } from './visit-options.js';
import { Visits } from './visits.js';

export type { Identified, Identity } from './visit-options.js';

/** What is used of Koa's context; its own type fits. */
export interface KoaContext {
  req: IncomingMessage;
  res: ServerResponse;
  originalUrl: string;
  status: number;
  body: unknown;
  set(fields: Record<string, string>): void;
}

/** `url` and `key`, or a `guard` that exists already. */
export type KoaOptions<Context> = AdapterOptions<Context>;

export interface PlimsollKoa<Context> {
  (context: Context, next: () => Promise<unknown>): Promise<unknown>;
  readonly guard: Guard;
}

/** The middleware. */
export function plimsollKoa<Context extends KoaContext = KoaContext>(options: KoaOptions<Context>): PlimsollKoa<Context> {
  const visits = new Visits<Context>(options);
  const middleware = async (context: Context, next: () => Promise<unknown>): Promise<unknown> => {
    const { req: request, res: response, originalUrl: target } = context;
    const verdict = visits.ask({
      subject: context,
      request,
      response,
      target,
      routeOf: (_arrival, path) => mountedTemplate(context, path),
    });
    if (verdict.verdict === 'allow') return next();
    const { status, headers, text } = visits.reply(verdict, context);
    context.status = status;
    context.body = text;
    context.set(headers);
    return undefined;
  };
  return Object.assign(middleware, { guard: visits.guard });
}
