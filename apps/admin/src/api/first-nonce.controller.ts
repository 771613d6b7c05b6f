/**
 * The nonce for a page's first proof. It costs no store and tells nothing that the answer to any proof would not: nonces are
 * the same for everybody, and whether there is a cookie is known to whoever sends it.
 */
import { Controller, Get, Req, Res } from '@nestjs/common';
import { FIRST_NONCE_PATH, type firstNonceSchema } from '@plimsoll/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Open } from '../auth/guards.js';
import { Proofs } from '../auth/proofs.js';
import { REFRESH_COOKIE } from './session-answers.js';

@Open()
@Controller()
export class FirstNonceController {
  constructor(private readonly proofs: Proofs) {}

  @Get(FIRST_NONCE_PATH)
  give(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): z.output<typeof firstNonceSchema> {
    reply.header('dpop-nonce', this.proofs.nonce);
    return { cookie: request.cookies[REFRESH_COOKIE] !== undefined };
  }
}
