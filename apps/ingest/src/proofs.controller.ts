/** `POST /v1/proofs`: the host says that the user behind an actor has proved itself. */
import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { type Key, type ProofAnswer, proofSchema } from '@plimsoll/contracts';
import { networkOf } from '@plimsoll/storage';
import type { FastifyRequest } from 'fastify';
import { MemoryBudget } from './body.js';
import { IngestKey, Needs } from './key.guard.js';
import { Proofs } from './proofs.js';
import { readSmall } from './small-body.js';

@Controller('v1/proofs')
@Needs('feedback:write')
export class ProofsController {
  constructor(
    private readonly proofs: Proofs,
    private readonly memory: MemoryBudget,
  ) {}

  /** @throws ProblemError 400 where the body is no proof, 413 where it is too large for one, 429 and 503 with Retry-After. */
  @Post()
  @HttpCode(200)
  async take(@IngestKey() key: Key, @Req() request: FastifyRequest): Promise<ProofAnswer> {
    const proof = await readSmall(request.raw, this.memory, proofSchema, 'a proof');
    const address = networkOf(request.ip);
    return this.proofs.take(proof, { service: key.service, key: key.id, address });
  }
}
