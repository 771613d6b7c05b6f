/**
 * The HTTP server below the routes: what it waits for and how long, what every answer carries, and how it answers what
 * never reaches a route. Bodies are left unread here, so that a request without a key costs no memory.
 */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { ProblemCode } from '@plimsoll/contracts';
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

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
/** The text of a key, also where its underscores are escaped. */
const KEY_IN_URL = /plim(_|%5f)[0-9a-z]{12}(_|%5f)/i;

export function openHttp({ headersMs, requestMs, checkMs }: HttpLimits): FastifyAdapter {
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
    clientErrorHandler: refuseUnparsed,
    // A path that cannot be decoded meets neither hooks nor routes.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      sendProblem(reply.headers(HEADERS), asProblemError(error), request.id),
  });
  const server: FastifyInstance = adapter.getInstance();
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined));
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    if (!KEY_IN_URL.test(request.url)) return;
    throw new ProblemError(
      'bad-request',
      'A key in a URL is written down on its way: revoke it, and send the new one in the Authorization header',
    );
  });
  // A connection that is kept alive behind its last answer would hold up the end.
  let closing = false;
  server.addHook('preClose', async () => {
    closing = true;
  });
  server.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });
  return adapter;
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
