/** `POST /v1/instances`: an instance registers the public part of the key with which it will sign its batches. */
import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { instanceKeySchema, type Key } from '@plimsoll/contracts';
import type { FastifyRequest } from 'fastify';
import { MemoryBudget } from './body.js';
import { IngestKey } from './key.guard.js';
import { SignedBatches } from './signed-batches.js';
import { readSmall } from './small-body.js';

@Controller('v1/instances')
export class InstancesController {
  constructor(
    private readonly signed: SignedBatches,
    private readonly memory: MemoryBudget,
  ) {}

  /** @throws ProblemError 400 where the body is no key, 401 where it is not its sender's, 409 where the instance has another one. */
  @Post()
  @HttpCode(204)
  async register(@IngestKey() key: Key, @Req() request: FastifyRequest): Promise<void> {
    await this.signed.register(key, await readSmall(request.raw, this.memory, instanceKeySchema, 'the key of an instance'));
  }
}
