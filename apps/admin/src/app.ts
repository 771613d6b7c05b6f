/** The server, made of a context and not yet listening: main.ts and the tests start the same one. */
import { randomUUID } from 'node:crypto';
import fastifyCookie from '@fastify/cookie';
import fastifyStatic from '@fastify/static';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { adminApi, type Operation } from '@plimsoll/contracts';
import { clientAddressReader } from '@plimsoll/storage';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refuseUnguarded } from './access/inventory.js';
import { adminModule } from './admin.module.js';
import { CALL_LIMIT, type CallLimit } from './auth/call-budget.js';
import type { Context } from './context.js';
import { takeJsonOnly } from './http/json-only.js';
import { NestLog } from './http/nest-log.js';
import { problemOf, sendProblem } from './http/problem.js';
import { guardAnswers, securityHeaders } from './http/security.js';
import { LiveAdapter } from './live/live.adapter.js';
import { recordAnswers } from './watch/own-log.js';

/**
 * Milliseconds, but for `bodyBytes`. Slow senders are let go: until when headers and body must be there, and how often connections are looked
 * at. `answerMs`: until when an answer must be there, `streamMs`: a whole file; what is late is given up with 503.
 */
export interface HttpLimits {
  bodyBytes: number;
  headersMs: number;
  requestMs: number;
  checkMs: number;
  answerMs: number;
  streamMs: number;
  /** Of one person or API key. */
  calls: CallLimit;
}
export const HTTP_LIMITS: HttpLimits = {
  bodyBytes: 64 * 1024,
  headersMs: 5_000,
  requestMs: 15_000,
  checkMs: 1_000,
  answerMs: 20_000,
  streamMs: 600_000,
  calls: CALL_LIMIT,
};
const streamed = new Set<string>(
  Object.values(adminApi).flatMap((operation: Operation) => (operation.streams ? [operation.path] : [])),
);

/** The server with all its routes; `limits` are for tests. Whoever made it listens with it and closes it. */
export async function createApp(context: Context, limits: Partial<HttpLimits> = {}): Promise<NestFastifyApplication> {
  const { PUBLIC_URL, TRUSTED_PROXIES } = context.env;
  const { bodyBytes, headersMs, requestMs, checkMs, answerMs, streamMs, calls } = { ...HTTP_LIMITS, ...limits };
  const adapter = new FastifyAdapter({
    bodyLimit: bodyBytes,
    http: { headersTimeout: headersMs, requestTimeout: requestMs, connectionsCheckingInterval: checkMs },
    requestTimeout: requestMs,
    genReqId: () => randomUUID(),
    // A URL that cannot be decoded never reaches a route or a hook.
    frameworkErrors: (error: Error, _request: FastifyRequest, reply: FastifyReply) => {
      sendProblem(reply.headers(securityHeaders(PUBLIC_URL)), problemOf(error));
    },
  });
  const server: FastifyInstance = adapter.getInstance();
  readAddresses(server, TRUSTED_PROXIES);
  guardAnswers(server, PUBLIC_URL);
  server.addHook('onRoute', (route) => {
    route.handlerTimeout = streamed.has(route.url) ? streamMs : answerMs;
  });
  takeJsonOnly(server);
  await server.register(fastifyCookie);
  // The build of the dashboard has left each file's compressed forms beside it.
  await server.register(fastifyStatic, { serve: false, root: import.meta.dirname, preCompressed: true });
  logAnswers(server, context);
  if (context.watch) recordAnswers(server, context.watch, context.now);
  const app = await NestFactory.create<NestFastifyApplication>(adminModule(context, calls), adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: new NestLog(context.log),
  });
  refuseUnguarded(app);
  app.useWebSocketAdapter(new LiveAdapter(app, { publicOrigin: PUBLIC_URL.origin, trustedProxies: TRUSTED_PROXIES }));
  return app;
}

/** Whence a request comes, for everything behind: sign-in budgets, the policy, the audit. */
function readAddresses(server: FastifyInstance, trusted: readonly string[]): void {
  if (trusted.length === 0) return;
  const read = clientAddressReader(trusted);
  server.addHook('onRequest', async (request) => {
    Object.defineProperty(request, 'ip', { value: read(request.raw) });
  });
}

/** One line an answer: the route's template, never the raw URL, which may hold anything. */
function logAnswers(server: FastifyInstance, { log }: Context): void {
  server.addHook('onResponse', async (request, reply) => {
    const { method, id, routeOptions } = request;
    const level = method === 'GET' || method === 'HEAD' ? 'debug' : 'info';
    const line = {
      method,
      route: routeOptions.url ?? null,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      requestId: id,
    };
    log[level](line, 'answered');
  });
}
