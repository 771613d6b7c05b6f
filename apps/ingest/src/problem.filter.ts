/** The last-resort handler of every route: whatever is thrown becomes a problem document, and never more than that. */
import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import { problemStatus } from '@plimsoll/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { Counters } from './counters.js';
import { LOG } from './log.js';
import { asProblemError, type ProblemError, toProblem } from './problem.js';

@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    @Inject(LOG) private readonly log: Logger,
    private readonly counters: Counters,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const problem = asProblemError(error);
    this.counters.refuse(problem.code);
    if (problem.code === 'internal') this.log.error({ err: problem.cause, requestId: request.id }, 'a request failed');
    else if (problem.code === 'unavailable') this.log.warn({ err: problem.cause, requestId: request.id }, problem.message);
    sendProblem(http.getResponse<FastifyReply>(), problem, request.id);
  }
}

/** Answers with the problem unless the answer is under way already. */
export function sendProblem(reply: FastifyReply, problem: ProblemError, requestId: string): void {
  if (reply.sent) return;
  if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', String(problem.retryAfterSeconds));
  if (problemStatus[problem.code] === 401) reply.header('www-authenticate', 'Bearer realm="plimsoll"');
  reply
    .code(problemStatus[problem.code])
    .type('application/problem+json')
    // As bytes: to a text Fastify adds a charset, which this media type does not have.
    .send(Buffer.from(JSON.stringify(toProblem(problem, requestId))));
}
