/**
 * Fastify 5: `app.register(plimsollFastify({ url, key, identify }))`, before the routes. The verdict is given before
 * anything else of the request runs, and on the actor once more before its handler, when the host's hooks know who it is.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Guard, guarded, type PlimsollOptions, plimsoll } from './guard.js';
import { refusalOf } from './refusal.js';
import { ALLOW, type Verdict } from './verdict.js';
import { Visit, type VisitOptions } from './visit.js';

export type { Identified, Identity } from './visit.js';

/** What is used of Fastify's request, reply and instance; its own types fit. */
export interface FastifyRequest {
  raw: IncomingMessage;
  routeOptions?: { url?: string | undefined };
}
interface FastifyReply {
  raw: ServerResponse;
  code(status: number): { headers(values: Record<string, string>): { send(payload: Uint8Array): unknown } };
}
type Hook<Req> = (request: Req, reply: FastifyReply, done: () => void) => void;
type Instance<Req> = { addHook(name: 'onRequest' | 'preHandler', hook: Hook<Req>): unknown };
type Ask<Req> = (request: Req, reply: FastifyReply) => Verdict;

/** `url` and `key`, or a `guard` that exists already. `identify` is given Fastify's request. */
export type FastifyOptions<Req> = (PlimsollOptions | { guard: Guard }) & VisitOptions<Req>;

/** The plugin; its hooks hold for every route of the instance that it is registered in (fastify-plugin's `skip-override`). */
export function plimsollFastify<Req extends FastifyRequest = FastifyRequest>(options: FastifyOptions<Req>) {
  const guard = 'guard' in options ? options.guard : plimsoll(options);
  const { identify, ...rest } = options;
  const visits = new WeakMap<Req, Visit<IncomingMessage>>();
  const enter: Ask<Req> = (request, reply) => {
    const own = identify ? { ...rest, identify: () => identify(request) } : rest;
    const visit = new Visit(guard, request.raw, reply.raw, own, request.raw.url ?? '/');
    visits.set(request, visit);
    visit.recordAtEnd(() => request.routeOptions?.url);
    return visit.check();
  };
  const hook = (ask: Ask<Req>): Hook<Req> => {
    return (request, reply, done) => {
      const verdict = guarded(guard, () => ask(request, reply));
      if (verdict.verdict === 'allow') return done();
      const { status, headers, body } = refusalOf(verdict);
      const text = Buffer.from(JSON.stringify(body)); // Fastify adds a charset to the type of a string.
      reply.code(status).headers(headers).send(text);
    };
  };
  const plugin = (app: Instance<Req>, _options: unknown, done: () => void): void => {
    app.addHook('onRequest', hook(enter));
    if (identify)
      app.addHook(
        'preHandler',
        hook((request) => visits.get(request)?.checkAgain() ?? ALLOW),
      );
    done();
  };
  return Object.assign(plugin, { guard, [Symbol.for('skip-override')]: true });
}
