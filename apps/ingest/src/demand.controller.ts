/** `POST /v1/demand`: an instance says how much it saw of each throttle, and is answered with its shares of their limits. */
import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { demandsSchema, type Key } from '@plimsoll/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MemoryBudget, readBody } from './body.js';
import { FeedReaders } from './feed-readers.js';
import { IngestKey, Needs } from './key.guard.js';
import { ProblemError } from './problem.js';
import { Shares } from './shares.js';

/** A hundred throttles, with long ids. */
const MAX_BYTES = 32 * 1024;

@Controller('v1/demand')
@Needs('decisions:read')
export class DemandController {
  constructor(
    private readonly shares: Shares,
    private readonly readers: FeedReaders,
    private readonly memory: MemoryBudget,
  ) {}

  /**
   * Answers a frame `shares` and its signature, as the feed writes them.
   *
   * @throws ProblemError 400 where the body is no demand, 413 where it is too large for one, 503 without Redis.
   */
  @Post()
  @HttpCode(200)
  async take(
    @IngestKey() key: Key,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    if (Number(request.headers['content-length'] ?? 0) > MAX_BYTES) throw new ProblemError('too-large', 'A demand is small');
    const share = this.memory.share();
    try {
      const body = await readBody(request.raw, share);
      if (body.length > MAX_BYTES) throw new ProblemError('too-large', 'A demand is small');
      const demands = demandsSchema.safeParse(parse(body));
      if (!demands.success) {
        throw new ProblemError('invalid-body', 'The body is no demand', {
          errors: demands.error.issues.map(({ path, message }) => ({ field: path.join('.'), reason: message })),
        });
      }
      const answer = await this.#answer(key.service, demands.data);
      reply.header('content-type', 'text/event-stream; charset=utf-8');
      return answer;
    } finally {
      share.release();
    }
  }

  async #answer(service: string, demands: Parameters<Shares['answer']>[1]): Promise<Buffer> {
    try {
      return await this.shares.answer(service, demands, this.readers.size);
    } catch (cause) {
      throw new ProblemError('unavailable', 'Shares are out of reach', { retryAfterSeconds: 2, cause });
    }
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
