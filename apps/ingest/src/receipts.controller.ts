/** `POST /v1/receipts`: an instance says which version of the decisions it enforces. Answered before it is written. */
import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { type Key, receiptSchema } from '@plimsoll/contracts';
import type { FastifyRequest } from 'fastify';
import { MemoryBudget, readBody } from './body.js';
import { IngestKey, Needs } from './key.guard.js';
import { ProblemError } from './problem.js';
import { Receipts } from './receipts.js';
import { INGESTION, type Ingestion } from './requests.controller.js';

const MAX_BYTES = 2_048;

@Controller('v1/receipts')
@Needs('decisions:read')
export class ReceiptsController {
  constructor(
    private readonly receipts: Receipts,
    private readonly memory: MemoryBudget,
    @Inject(INGESTION) private readonly ingestion: Pick<Ingestion, 'now'>,
  ) {}

  /** @throws ProblemError 400 where the body is no receipt, 413 where it is too large for one. */
  @Post()
  @HttpCode(204)
  async take(@IngestKey() key: Key, @Req() request: FastifyRequest): Promise<void> {
    if (Number(request.headers['content-length'] ?? 0) > MAX_BYTES) throw new ProblemError('too-large', 'A receipt is small');
    const share = this.memory.share();
    try {
      const receipt = receiptSchema.safeParse(parse(await readBody(request.raw, share)));
      if (!receipt.success) {
        throw new ProblemError('invalid-body', 'The body is no receipt', {
          errors: receipt.error.issues.map(({ path, message }) => ({ field: path.join('.'), reason: message })),
        });
      }
      this.receipts.add(key.service, { ...receipt.data, at: this.ingestion.now() });
    } finally {
      share.release();
    }
  }
}

function parse(body: Buffer): unknown {
  if (body.length > MAX_BYTES) throw new ProblemError('too-large', 'A receipt is small');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
