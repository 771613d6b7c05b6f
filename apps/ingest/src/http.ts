/**
 * The HTTP server below the routes: what it waits for and how long, what every answer carries, and how it answers what
 * never reaches a route. Bodies are left unread here, so that a request without a key costs no memory.
 */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { ProblemCode } from '@plimsoll/contracts';
import { clientAddressReader } from '@plimsoll/storage';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problem.filter.js';
import { asProblemError, ProblemError, toProblem } from './problem.js';

export interface HttpLimits {
  /** The headers must be there by then, milliseconds. */
  headersMs: number;
  /** The whole request must be there by then, milliseconds. */
  requestMs: number;
  /** How often slow connections are looked for, milliseconds. */
  checkMs: number;
}
export const HTTP_LIMITS: HttpLimits = { headersMs: 5_000, requestMs: 20_000, checkMs: 1_000 };
const MAX_HEADER_BYTES = 16 * 1024;
/** Longer than the idle time of usual proxies, so that they, and not we, close a connection under their next request. */
const KEEP_ALIVE_MS = 65_000;

/** Less than the 10 s in which a process must be gone. */
const DRAIN_MS = 7_000;

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
/** The text of a key, also where its underscores are escaped. */
const KEY_IN_URL = /plim(_|%5f)[0-9a-z]{12}(_|%5f)/i;

/** @param trustedProxies as {@link clientAddressReader} takes them */
export function openHttp({ headersMs, requestMs, checkMs }: HttpLimits, trustedProxies: readonly string[] = []): FastifyAdapter {
  const adapter = new FastifyAdapter({
    http: {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: checkMs,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    requestTimeout: requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    forceCloseConnections: true,
    return503OnClosing: false,
    clientErrorHandler: refuseUnparsed,
    // A path that cannot be decoded meets neither hooks nor routes.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      sendProblem(reply.headers(HEADERS), asProblemError(error), request.id),
  });
  const server: FastifyInstance = adapter.getInstance();
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined));
  const read = clientAddressReader(trustedProxies);
  server.addHook('onRequest', async (request, reply) => {
    if (trustedProxies.length > 0) Object.defineProperty(request, 'ip', { value: read(request.raw) });
    reply.headers(HEADERS);
    if (!KEY_IN_URL.test(request.url)) return;
    throw new ProblemError(
      'bad-request',
      'A key in a URL is written down on its way: revoke it, and send the new one in the Authorization header',
    );
  });
  drainBeforeClosing(server);
  return adapter;
}

/**
 * A stop answers what is under way, for {@link DRAIN_MS} at most, and then ends every connection: also those kept alive
 * and those on which nothing was ever asked, for which the server would wait.
 */
function drainBeforeClosing(server: FastifyInstance): void {
  let closing = false;
  let underWay = 0;
  let drained = () => {};
  server.addHook('onRequest', async (_request, reply) => {
    if (closing) throw new ProblemError('unavailable', 'This process is stopping', { retryAfterSeconds: 1 });
    underWay += 1;
    reply.raw.once('close', () => {
      underWay -= 1;
      if (underWay === 0) drained();
    });
  });
  server.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });
  server.addHook('preClose', async () => {
    closing = true;
    if (underWay === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, DRAIN_MS);
      drained = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  });
}

/** What Node could not read as a request: answered by hand, and the connection ends. */
function refuseUnparsed(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  const code: ProblemCode = status === 431 ? 'too-large' : 'bad-request';
  const body = JSON.stringify({ ...toProblem(new ProblemError(code), undefined), status });
  const headers = Object.entries({
    ...HEADERS,
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  });
  const phrase = { 400: 'Bad Request', 408: 'Request Timeout', 431: 'Request Header Fields Too Large' }[status];
  socket.end(`HTTP/1.1 ${status} ${phrase}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`);
}
