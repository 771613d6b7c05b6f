/**
 * Hono on Node (@hono/node-server): `app.use(plimsollHono({ url, key, identify }))`, first. `identify` is given Hono's
 * context. On other runtimes there is no node:http request to stand at: every request passes there, and one fault says so.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Guard } from './guard.js';
import type { AdapterOptions } from './visit-options.js';
import { Visits } from './visits.js';

export type { Identified, Identity } from './visit-options.js';

/** What is used of Hono's context; its own type fits. */
export interface HonoContext {
  env: unknown;
  req: { routeIndex: number; matchedRoutes: readonly { method: string; path: string }[] };
}
type Bindings = { incoming?: IncomingMessage; outgoing?: ServerResponse } | null | undefined;

/** `url` and `key`, or a `guard` that exists already. */
export type HonoOptions<Context> = AdapterOptions<Context>;

export interface PlimsollHono<Context> {
  (context: Context, next: () => Promise<void>): Promise<Response | undefined>;
  readonly guard: Guard;
}

/** The middleware. Mount the same one again behind the host's authentication where the actor is only known there. */
export function plimsollHono<Context extends HonoContext = HonoContext>(options: HonoOptions<Context>): PlimsollHono<Context> {
  const visits = new Visits<Context>(options);
  const middleware = async (context: Context, next: () => Promise<void>): Promise<Response | undefined> => {
    const { incoming: request, outgoing: response } = (context.env ?? {}) as NonNullable<Bindings>;
    if (!request || !response) {
      visits.guard.report('config', 'requests are let through unseen: this runtime of Hono is not Node (@hono/node-server)');
      await next();
      return undefined;
    }
    const routeOf = () => servedBy(context);
    const verdict = visits.ask({ subject: context, request, response, target: request.url ?? '/', routeOf });
    if (verdict.verdict !== 'allow') {
      const { status, headers, text } = visits.reply(verdict, context);
      return new Response(text, { status, headers });
    }
    await next();
    return undefined;
  };
  return Object.assign(middleware, { guard: visits.guard });
}

/** The route whose handler ran last; none where that was middleware for all below a path. */
function servedBy({ req }: HonoContext): string | undefined {
  const { method = 'ALL', path = '*' } = req.matchedRoutes[req.routeIndex] ?? {};
  return method === 'ALL' && path.endsWith('*') ? undefined : path;
}
