/**
 * `POST /v1/requests`: a batch of request logs comes in, one job a shard goes into the queue, and only then is it
 * answered 202. Every reason to refuse comes before that, the cheap ones first. Reads from top to bottom.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Controller, Headers, HttpCode, Inject, Post, Req } from '@nestjs/common';
import {
  BATCH_HEADER,
  clientText,
  type IngestAnswer,
  type Key,
  MAX_LISTED_REJECTIONS,
  type RejectedLog,
  type RequestBatch,
  type RequestLog,
  TIMING_HEADER,
} from '@plimsoll/contracts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Admission } from './admission.js';
import { MemoryBudget, readBody } from './body.js';
import { Counters } from './counters.js';
import { Door } from './door.js';
import { bodyForm, PARSED_FACTOR, readEntries } from './entries.js';
import { FeedHub } from './feed-hub.js';
import { IngestKey } from './key.guard.js';
import { checkLog, hashOf, type Receipt, receiveLog, toBatches } from './logs.js';
import { ProblemError } from './problem.js';
import { RateLimit } from './rate-limit.js';
import { SignedBatches } from './signed-batches.js';

/** Logs received in one turn of the event loop; about 10 ms. */
const LOGS_A_TURN = 1_000;

/** Clocks differ; what is further ahead is worth a look. */
const AHEAD_MS = 60_000;

export const INGESTION = Symbol('ingestion');
/** What the path of a batch needs from outside. */
export interface Ingestion {
  shards: number;
  now: () => number;
  enqueue: (batches: readonly RequestBatch[]) => Promise<void>;
}

const headersSchema = z.object({
  [BATCH_HEADER]: clientText(128).optional(),
  [TIMING_HEADER]: z.enum(['live', 'historical']).default('live'),
});

interface ReceivedBatch {
  requests: RequestLog[];
  rejected: RejectedLog[];
  /** Logs of the future. */
  ahead: number;
}

@Controller('v1/requests')
export class RequestsController {
  constructor(
    @Inject(INGESTION) private readonly ingestion: Ingestion,
    private readonly admission: Admission,
    private readonly rate: RateLimit,
    private readonly memory: MemoryBudget,
    private readonly feeds: FeedHub,
    private readonly counters: Counters,
    private readonly signed: SignedBatches,
    private readonly door: Door,
  ) {}

  /**
   * Takes `{"requests": [...]}`, NDJSON or columns, plain or gzipped, of at most 10,000 logs and 8 MiB unpacked. Each log is taken or
   * rejected on its own; a retry under the same batch id, with the same body, is counted once.
   *
   * @throws ProblemError 400 (not a batch, or no valid log in it), 401 (key or signature), 409 (a signed batch that came before), 413, 415, 429 and 503 with Retry-After.
   */
  @Post()
  @HttpCode(202)
  async ingest(
    @IngestKey() key: Key,
    @Req() request: FastifyRequest,
    @Headers() headers: Record<string, unknown>,
  ): Promise<IngestAnswer> {
    this.#limit(key);
    const form = bodyForm(request.headers['content-type']);
    const { [BATCH_HEADER]: batchId, [TIMING_HEADER]: timing } = readHeaders(headers);
    await this.admission.check();
    const share = this.memory.share();
    try {
      const body = await readBody(request.raw, share);
      share.hold(body.length * PARSED_FACTOR);
      // With the body: a client that uses an id again for other logs must not lose them as a retry.
      const batch = hashOf(key.service, batchId ?? '', body);
      await this.#checkSignature(key, headers, { id: batchId, body, hash: batch });
      const entries = readEntries(body, form, share);
      this.rate.charge(key.id, entries.length, this.ingestion.now());
      const receipt: Receipt = {
        service: key.service,
        batch,
        historical: timing === 'historical',
        receivedAt: this.ingestion.now(),
      };
      return await this.#take(await receiveAll(entries, receipt), receipt);
    } finally {
      share.release();
    }
  }

  async #checkSignature(key: Key, headers: Record<string, unknown>, batch: Parameters<SignedBatches['check']>[2]): Promise<void> {
    try {
      this.door.count(key.service, await this.signed.check(key, headers, batch));
    } catch (error) {
      if (error instanceof ProblemError) this.door.refused(key.service, error.code);
      throw error;
    }
  }

  #limit(key: Key): void {
    const waitMs = this.rate.waitMs(key.id, this.ingestion.now());
    if (waitMs === 0) return;
    throw new ProblemError('too-many-requests', 'This key sends more request logs than it may', {
      retryAfterSeconds: Math.ceil(waitMs / 1000),
    });
  }

  async #take({ requests, rejected, ahead }: ReceivedBatch, receipt: Receipt): Promise<IngestAnswer> {
    this.counters.rejected += rejected.length;
    if (requests.length === 0) {
      throw new ProblemError('invalid-body', 'No request log of the batch is valid', { errors: asErrors(rejected) });
    }
    await this.#enqueue(toBatches(requests, receipt, this.ingestion.shards));
    this.counters.batches += 1;
    this.counters.accepted += requests.length;
    this.door.count(receipt.service, 'late', requests.filter(({ timing }) => timing === 'late').length);
    this.door.count(receipt.service, 'ahead', ahead);
    return {
      accepted: requests.length,
      rejected: rejected.slice(0, MAX_LISTED_REJECTIONS),
      ...(rejected.length > MAX_LISTED_REJECTIONS ? { rejectedTotal: rejected.length } : {}),
      feedVersion: await this.#feedVersion(receipt.service),
    };
  }

  /** A part that got in before a failure does no harm: a retry of the batch makes the same jobs. */
  async #enqueue(batches: readonly RequestBatch[]): Promise<void> {
    try {
      await this.ingestion.enqueue(batches);
    } catch (cause) {
      throw new ProblemError('unavailable', 'The queue is out of reach', { retryAfterSeconds: 2, cause });
    }
  }

  /** The batch is taken: without the database the last known version must do. */
  async #feedVersion(service: string): Promise<number> {
    try {
      return await this.feeds.version(service);
    } catch {
      return this.feeds.lastVersion(service);
    }
  }
}

function readHeaders(headers: Record<string, unknown>) {
  const result = headersSchema.safeParse(headers);
  if (result.success) return result.data;
  throw new ProblemError('bad-request', 'A header is not valid', {
    errors: result.error.issues.map((issue) => ({ field: issue.path.join('.'), reason: issue.message })),
  });
}

async function receiveAll(entries: readonly unknown[], receipt: Receipt): Promise<ReceivedBatch> {
  const batch: ReceivedBatch = { requests: [], rejected: [], ahead: 0 };
  for (const [index, entry] of entries.entries()) {
    if (index > 0 && index % LOGS_A_TURN === 0) await nextTurn();
    const checked = checkLog(entry);
    if ('log' in checked) {
      if (checked.log.ts - receipt.receivedAt > AHEAD_MS) batch.ahead += 1;
      batch.requests.push(receiveLog(checked.log, index, receipt));
    } else batch.rejected.push({ index, ...checked });
  }
  return batch;
}

const asErrors = (rejected: readonly RejectedLog[]) =>
  rejected.slice(0, MAX_LISTED_REJECTIONS).map(({ index, field, reason }) => ({
    field: field === '' ? `requests[${index}]` : `requests[${index}].${field}`,
    reason,
  }));
