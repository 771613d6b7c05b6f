/**
 * Every route needs an API key with the scope that it names, unless it says `@Open()`. The key names the service: whatever
 * a log claims is ignored.
 */
import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Key, KeyScope } from '@plimsoll/contracts';
import { networkOf, readKeyText } from '@plimsoll/storage';
import type { FastifyRequest } from 'fastify';
import { KeyCache } from './key-cache.js';
import { ProblemError } from './problem.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard on every route that is not open. */
    ingestKey?: Key;
    /** What the key's text pins of the feed's signing key; the sender's word, good only to choose what is sent back. */
    feedPin?: string | undefined;
  }
}

const OPEN = Symbol('open');
const SCOPE = Symbol('scope');
/** Needs no key. */
export const Open = () => SetMetadata(OPEN, true);

/** Needs a key with this scope; a route that names none needs `ingest:write`. */
export const Needs = (scope: KeyScope) => SetMetadata(SCOPE, scope);

/** The key that the guard accepted. */
export const IngestKey = createParamDecorator((_: unknown, context: ExecutionContext): Key => {
  const key = context.switchToHttp().getRequest<FastifyRequest>().ingestKey;
  if (key === undefined) throw new Error('the route is open: it has no key');
  return key;
});

/** @throws ProblemError `forbidden` where the key pins no signing key, so that nothing sent to it could be believed. */
export const FeedPin = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const pin = context.switchToHttp().getRequest<FastifyRequest>().feedPin;
  if (pin !== undefined) return pin;
  throw new ProblemError('forbidden', 'This API key pins no signing key, so that it cannot follow decisions: make a new one');
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
    const key = await this.keys.authenticate(text, networkOf(request.ip));
    const scope = this.reflector.getAllAndOverride<KeyScope>(SCOPE, [context.getHandler(), context.getClass()]) ?? 'ingest:write';
    if (!key.scopes.includes(scope)) throw new ProblemError('forbidden', `This API key has no scope ${scope}`);
    request.ingestKey = key;
    request.feedPin = readKeyText(text)?.pin;
    return true;
  }
}
