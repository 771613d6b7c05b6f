/** `POST /v1/receipts`: an instance says which version of the decisions it enforces. Answered before it is written. */
import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { type Key, receiptSchema } from '@plimsoll/contracts';
import type { FastifyRequest } from 'fastify';
import { MemoryBudget } from './body.js';
import { IngestKey, Needs } from './key.guard.js';
import { Receipts } from './receipts.js';
import { INGESTION, type Ingestion } from './requests.controller.js';
import { readSmall } from './small-body.js';

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
    const receipt = await readSmall(request.raw, this.memory, receiptSchema, 'a receipt');
    this.receipts.add(key.service, { ...receipt, at: this.ingestion.now() });
  }
}
