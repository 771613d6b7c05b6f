/**
 * The decision feed of the key's service as server-sent events: `GET /v1/feed/stream` stays open, `GET /v1/feed` ends
 * after what there is, for readers behind proxies that hold a stream back. Both send the same signed frames
 * (contracts/feed.ts), and only to who says a nonce.
 */
import { Controller, Get, Headers, Inject, Query, Req, Res } from '@nestjs/common';
import type { Key } from '@plimsoll/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { FeedHub } from './feed-hub.js';
import { FeedKeys } from './feed-keys.js';
import { FeedReaders } from './feed-readers.js';
import type { FeedReader } from './feed-stream.js';
import { FeedPin, IngestKey, Needs } from './key.guard.js';
import { LOG } from './log.js';
import { ProblemError } from './problem.js';

export const MAX_WAIT_SECONDS = 25;

const wholeNumber = (max: number) =>
  z
    .string()
    .regex(/^\d{1,16}$/, 'a whole number')
    .transform(Number)
    .pipe(z.int().max(max));
const since = wholeNumber(Number.MAX_SAFE_INTEGER).optional();
const pollSchema = z.strictObject({ since, wait: wholeNumber(MAX_WAIT_SECONDS).default(0) });
const streamSchema = z.strictObject({ since });
const headersSchema = z.object({
  'plimsoll-nonce': z.string('is needed').regex(/^[\w-]{16,64}$/, '16 to 64 letters, digits, - or _'),
  'plimsoll-instance': z
    .string()
    .regex(/^[\w-]{1,64}$/, '1 to 64 letters, digits, - or _')
    .optional(),
  'last-event-id': since,
  'plimsoll-mark': z
    .string()
    .regex(/^[\w-]{1,32}$/, '1 to 32 letters, digits, - or _')
    .optional(),
  /** What it reads besides decisions, with commas: who says nothing is sent nothing that it does not know. */
  'plimsoll-reads': z
    .string()
    .max(100)
    .transform((text) => text.split(',').map((word) => word.trim()))
    .optional(),
});

@Controller('v1/feed')
@Needs('decisions:read')
export class FeedController {
  constructor(
    private readonly hub: FeedHub,
    private readonly keys: FeedKeys,
    private readonly readers: FeedReaders,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /** Without `since` everything in force, at once. Where nothing has changed, after `wait` seconds a hello alone. */
  @Get()
  async poll(
    @IngestKey() key: Key,
    @FeedPin() pin: string,
    @Query() query: unknown,
    @Headers() headers: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const asked = read(pollSchema, query);
    const reader = this.#reader(key, pin, asked.since, read(headersSchema, headers));
    if (asked.since !== undefined && asked.wait > 0) await this.#changed(key, asked.since, asked.wait, request);
    await this.readers.prepare(reader);
    await this.#send(reply, (response) => this.readers.answer(response, reader));
  }

  /** Goes on from `since`, or from Last-Event-ID. */
  @Get('stream')
  async stream(
    @IngestKey() key: Key,
    @FeedPin() pin: string,
    @Query() query: unknown,
    @Headers() headers: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const said = read(headersSchema, headers);
    const from = read(streamSchema, query).since ?? said['last-event-id'];
    const reader = this.#reader(key, pin, from, said);
    await this.readers.prepare(reader);
    const leave = this.hub.enter(key.id);
    await this.#send(reply, (response) => this.readers.follow(response, reader, said['plimsoll-instance'], leave));
  }

  #reader({ service, prefix }: Key, pin: string, from: number | undefined, said: z.output<typeof headersSchema>): FeedReader {
    const risks = said['plimsoll-reads']?.includes('risk') ?? false;
    const mark = said['plimsoll-mark'];
    return { service, prefix, pin, nonce: said['plimsoll-nonce'], since: from, mark, receiptMs: this.readers.receiptMs, risks };
  }

  /** @throws ProblemError `invalid-key` where the key ends while it waits. */
  async #changed({ id, service, prefix }: Key, from: number, wait: number, request: FastifyRequest): Promise<void> {
    const gone = new AbortController();
    const leave = () => gone.abort();
    let ended = false;
    const out = this.keys.enter(prefix, () => {
      ended = true;
      leave();
    });
    request.raw.socket.once('close', leave);
    try {
      await this.hub.changed({ key: id, service, since: from, waitMs: wait * 1000, signal: gone.signal });
    } finally {
      request.raw.socket.off('close', leave);
      out();
    }
    if (ended) throw new ProblemError('invalid-key');
  }

  /** From here on a fault cannot be answered any more: the connection is cut, and the reader comes back. */
  async #send(reply: FastifyReply, write: (response: FastifyReply['raw']) => Promise<void>): Promise<void> {
    reply.hijack();
    const { raw } = reply;
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
    raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
    raw.socket?.setNoDelay(true).setKeepAlive(true, 15_000);
    try {
      await write(raw);
    } catch (err) {
      this.log.warn({ err }, 'a feed was cut');
      raw.destroy();
    }
  }
}

function read<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ProblemError('bad-request', 'The request is not valid', {
    errors: result.error.issues.map((issue) => ({ field: issue.path.join('.'), reason: issue.message })),
  });
}
