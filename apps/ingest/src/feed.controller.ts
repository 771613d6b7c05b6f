/** `GET /v1/feed?since=V&wait=S`: the decisions of the key's service, at once where they changed, else when they do. */
import { Controller, Get, Header, Query, Req } from '@nestjs/common';
import type { Feed, Key } from '@plimsoll/contracts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { FeedHub } from './feed-hub.js';
import { IngestKey } from './key.guard.js';
import { ProblemError } from './problem.js';

export const MAX_WAIT_SECONDS = 25;

const wholeNumber = (max: number) =>
  z
    .string()
    .regex(/^\d{1,16}$/, 'a whole number')
    .transform(Number)
    .pipe(z.int().max(max));
const querySchema = z.strictObject({
  since: wholeNumber(Number.MAX_SAFE_INTEGER).optional(),
  wait: wholeNumber(MAX_WAIT_SECONDS).default(0),
});

@Controller('v1/feed')
export class FeedController {
  constructor(private readonly feeds: FeedHub) {}

  /** Without `since` everything in force, at once. An answer without change after `wait` seconds is an empty delta. */
  @Get()
  @Header('content-type', 'application/json; charset=utf-8')
  async read(@IngestKey() key: Key, @Query() query: Record<string, unknown>, @Req() request: FastifyRequest): Promise<Feed> {
    const { since, wait } = readQuery(query);
    if (since !== undefined && wait > 0) {
      const gone = new AbortController();
      const leave = () => gone.abort();
      request.raw.socket.once('close', leave);
      try {
        await this.feeds.changed({ key: key.id, service: key.service, since, waitMs: wait * 1000, signal: gone.signal });
      } finally {
        request.raw.socket.off('close', leave);
      }
    }
    return this.feeds.feed(key.service, since);
  }
}

function readQuery(query: Record<string, unknown>) {
  const result = querySchema.safeParse(query);
  if (result.success) return result.data;
  throw new ProblemError('bad-request', 'The query is not valid', {
    errors: result.error.issues.map((issue) => ({ field: issue.path.join('.'), reason: issue.message })),
  });
}
