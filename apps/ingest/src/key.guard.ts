/** Every route needs an ingest key, unless it says `@Open()`. The key names the service: whatever a log claims is ignored. */
import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Key } from '@plimsoll/contracts';
import { networkOf } from '@plimsoll/storage';
import type { FastifyRequest } from 'fastify';
import { KeyCache } from './key-cache.js';
import { ProblemError } from './problem.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard on every route that is not open. */
    ingestKey?: Key;
  }
}

const OPEN = Symbol('open');
/** Needs no key. */
export const Open = () => SetMetadata(OPEN, true);

/** The key that the guard accepted. */
export const IngestKey = createParamDecorator((_: unknown, context: ExecutionContext): Key => {
  const key = context.switchToHttp().getRequest<FastifyRequest>().ingestKey;
  if (key === undefined) throw new Error('the route is open: it has no key');
  return key;
});

@Injectable()
export class KeyGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly keys: KeyCache,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride<boolean>(OPEN, [context.getHandler(), context.getClass()])) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const text = /^Bearer ([!-~]{1,200})$/i.exec(request.headers.authorization ?? '')?.[1];
    if (text === undefined) throw new ProblemError('unauthenticated', 'Send Authorization: Bearer <ingest key>');
    request.ingestKey = await this.keys.authenticate(text, networkOf(request.socket.remoteAddress ?? ''));
    return true;
  }
}
