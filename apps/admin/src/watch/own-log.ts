/**
 * One answered call of the admin API as a request log: its actor is the person by its id, its credential a digest of the session. What
 * belongs to no operation (pages, files, health, keys) is left out, but for what was not found: that is how somebody looks for doors.
 * Of who is not signed in only so many are told: a flood of strangers must not push out of the SDK what members do.
 */
import type { OperationName } from '@plimsoll/contracts';
import type { RecordedRequest } from '@plimsoll/sdk';
import { sessionCredential } from '@plimsoll/storage';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Budget } from '../auth/budget.js';
import type { CallerRequest } from '../auth/guards.js';
import type { SelfWatch } from './self-watch.js';

const SIGN_INS: ReadonlySet<OperationName> = new Set<OperationName>(['signIn', 'signInWithPasskey', 'signInWithCode']);

const MINUTE_MS = 60_000;
/** Logs a minute of who is not signed in: fifty a second, far beyond what is needed to see that somebody tries keys or passwords. */
const STRANGERS_LOGS = 3_000;

/** Every answer from now on. */
export function recordAnswers(server: FastifyInstance, watch: SelfWatch, now: () => number): void {
  const strangers = new Budget(STRANGERS_LOGS, MINUTE_MS);
  server.addHook('onResponse', async (request, reply) => {
    const log = ownLog(request, reply);
    if (log === undefined) return;
    if (log.actor === undefined && strangers.take('', now()) > 0) watch.pass();
    else watch.record(log);
  });
}

export function ownLog(request: CallerRequest, reply: FastifyReply): RecordedRequest | undefined {
  const { operation, caller, headers, method } = request;
  const { statusCode: status } = reply;
  const route = request.routeOptions.url;
  if (operation === undefined ? status !== 404 : route === undefined) return undefined;
  return {
    ...{ method, status, path: request.raw.url ?? '/', ip: request.ip, durationMs: reply.elapsedTime },
    ...(operation !== undefined && route !== undefined && { route }),
    ...(headers['user-agent'] !== undefined && { userAgent: headers['user-agent'] }),
    ...{ bytesIn: sizeOf(headers['content-length']), bytesOut: sizeOf(reply.getHeader('content-length')) },
    ...(caller && { actor: caller.person.id, authenticated: true, credential: sessionCredential(caller.sessionId) }),
    ...(operation !== undefined && SIGN_INS.has(operation) && { auth: status < 400 ? 'success' : 'failure' }),
  };
}

const sizeOf = (header: unknown): number => Number(header ?? 0) || 0;
