/** RFC 9457 problem documents: thrown as errors with one of our codes, written by one filter. Inner causes stay inside. */
import { STATUS_CODES } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { WsException } from '@nestjs/websockets';
import { type Problem, type ProblemCode, problemStatus, type StepUpChallenge } from '@plimsoll/contracts';
import { databaseFault } from '@plimsoll/storage';
import type { FastifyReply } from 'fastify';
import { Denials } from '../audit/denials.js';
import type { CallerRequest } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';

export class ProblemError extends Error {
  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    /** `error`: the name that OAuth has for it. `status`: another one than the code's own. */
    readonly more: {
      errors?: { field: string; reason: string }[];
      retryAfterSeconds?: number;
      error?: string;
      status?: number;
      stepUp?: StepUpChallenge;
    } = {},
  ) {
    super(`${code}: ${detail}`);
  }
}

const codeOfStatus: Record<number, ProblemCode> = {
  400: 'bad-request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  413: 'too-large',
  415: 'unsupported-media-type',
  429: 'too-many-requests',
  503: 'unavailable',
};
/** Said instead of the framework's own words, which may quote a path or a version. */
const detailOfCode: Partial<Record<ProblemCode, string>> = {
  'bad-request': 'The request is not well-formed.',
  'not-found': 'There is nothing here.',
  'too-large': 'The body is larger than 64 kB.',
  'unsupported-media-type': 'Send application/json.',
  unavailable: 'A store cannot be reached right now. Try again in a moment.',
  internal: 'Something failed inside. The log has more under this request id.',
};

const STEP_UP = 'DPoP error="insufficient_user_authentication", acr_values="aal2", max_age="0"';

/** What a client is told about an error of any kind. */
export function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
  if (isCode(error, 'FST_ERR_HANDLER_TIMEOUT')) return new ProblemError('unavailable', TOO_LONG, { retryAfterSeconds: 5 });
  const code = codeOfStatus[status] ?? (databaseFault(error) === 'fault' ? 'internal' : 'unavailable');
  return new ProblemError(code, detailOfCode[code] ?? '', code === 'unavailable' ? { retryAfterSeconds: 2 } : {});
}

const TOO_LONG = 'This took too long and was given up. Try again in a moment, or ask for less.';
const isCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;
const statusOf = (error: unknown): number =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;

export function toDocument(problem: ProblemError, requestId: string): Problem {
  const { code, detail, more } = problem;
  const status = more.status ?? problemStatus[code];
  return {
    type: `urn:plimsoll:problem:${code}`,
    title: STATUS_CODES[status] ?? code,
    status,
    code,
    detail,
    requestId,
    ...(more.errors ? { errors: more.errors } : {}),
    ...(more.stepUp ? { stepUp: more.stepUp } : {}),
    ...(more.error ? { error: more.error } : {}),
  };
}

export function sendProblem(reply: FastifyReply, problem: ProblemError): FastifyReply {
  const document = toDocument(problem, reply.request.id);
  if (problem.more.retryAfterSeconds !== undefined) reply.header('retry-after', String(problem.more.retryAfterSeconds));
  reply.header('cache-control', 'no-store'); // A missing asset must not be remembered for a year.
  if (document.status === 401) {
    const error = document.error === undefined ? '' : `error="${document.error}", `;
    reply.header('www-authenticate', `DPoP ${error}algs="ES256"`);
  }
  // RFC 9470: more than being signed in is needed, namely two factors, just now.
  if (document.code === 'step-up-required') reply.header('www-authenticate', STEP_UP);
  return reply.status(document.status).type('application/problem+json').send(JSON.stringify(document));
}

@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    @InjectContext() private readonly context: Context,
    private readonly denials: Denials,
  ) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const { log } = this.context;
    if (host.getType() !== 'http') {
      // The access policy's denial has been written down by then.
      log[error instanceof WsException ? 'debug' : 'error']({ err: error }, 'a socket event failed');
      return;
    }
    const problem = problemOf(error);
    const request = host.switchToHttp().getRequest<CallerRequest>();
    const level = problem.code === 'internal' ? 'error' : problem.code === 'unavailable' ? 'warn' : 'debug';
    log[level]({ err: error, requestId: request.id }, 'request failed');
    const noted = this.denials.note(problem, request);
    // What may not even be seen is answered as what is not there: no longer a wait tells the two apart.
    if (problem.code !== 'not-found') await noted;
    sendProblem(host.switchToHttp().getResponse<FastifyReply>(), problem);
  }
}
