/**
 * Fastify 4 and 5: `app.register(plimsollFastify({ url, key, identify }))`, before the routes. The verdict is given before
 * anything else of the request runs, and on the actor once more before its handler, when the host's hooks know who it is.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Verdict } from './verdict.js';
import type { AdapterOptions } from './visit-options.js';
import { type Arrival, Visits } from './visits.js';

export type { Identified, Identity } from './visit-options.js';

/** What is used of Fastify's request, reply and instance; its own types fit. */
export interface FastifyRequest {
  raw: IncomingMessage;
  routeOptions?: { url?: string | undefined };
  /** Before Fastify 4.10. */
  routerPath?: string | undefined;
}
interface FastifyReply {
  raw: ServerResponse;
  code(status: number): { headers(values: Record<string, string>): { send(payload: Uint8Array): unknown } };
}
type Hook<Req> = (request: Req, reply: FastifyReply, done: () => void) => void;
type Instance<Req> = { addHook(name: 'onRequest' | 'preHandler', hook: Hook<Req>): unknown };

/** `url` and `key`, or a `guard` that exists already. `identify` is given Fastify's request. */
export type FastifyOptions<Req> = AdapterOptions<Req>;

function servedBy<Req extends FastifyRequest>({ subject }: Arrival<Req>): string | undefined {
  const { routeOptions } = subject; // Made anew by Fastify each time it is asked for.
  return routeOptions ? routeOptions.url : subject.routerPath;
}

/** The plugin; its hooks hold for every route of the instance that it is registered in (fastify-plugin's `skip-override`). */
export function plimsollFastify<Req extends FastifyRequest = FastifyRequest>(options: FastifyOptions<Req>) {
  const visits = new Visits<Req>(options);
  const enter = (request: Req, { raw: response }: FastifyReply): Verdict => {
    const { raw } = request;
    return visits.ask({ subject: request, request: raw, response, target: raw.url ?? '/', routeOf: servedBy });
  };
  const hook = (ask: (request: Req, reply: FastifyReply) => Verdict): Hook<Req> => {
    return (request, reply, done) => {
      const verdict = ask(request, reply);
      if (verdict.verdict === 'allow') return done();
      const { status, headers, text } = visits.reply(verdict, request);
      reply.code(status).headers(headers).send(Buffer.from(text)); // Bytes: it adds a charset to the type of a string.
    };
  };
  const plugin = (app: Instance<Req>, _options: unknown, done: () => void): void => {
    app.addHook('onRequest', hook(enter));
    if (options.identify)
      app.addHook(
        'preHandler',
        hook(({ raw }) => visits.askAgain(raw)),
      );
    done();
  };
  return Object.assign(plugin, { guard: visits.guard, [Symbol.for('skip-override')]: true });
}
