/**
 * The guards that stand before every route, in this order: whence a change comes (CSRF), who asks; then what the person
 * may do (access/policy-guard.ts). They are bound by APP_GUARD, so that a new route is closed until it says that it is open.
 */
import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Asker } from '../access/asker.js';
import { operationOf } from '../api/operation.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { AccessTokens } from './access-tokens.js';

export const OPEN = 'plimsoll:open';
/** A route outside the contract that needs no sign-in: health, keys, documents, the dashboard's files. */
export const Open = (): MethodDecorator & ClassDecorator => SetMetadata(OPEN, true);

/** Who called an operation. */
export type Caller = Asker;
type CallerRequest = FastifyRequest & { caller?: Caller };
const requestOf = (context: ExecutionContext) => context.switchToHttp().getRequest<CallerRequest>();

export function callerOf(context: ExecutionContext): Caller {
  const { caller } = requestOf(context);
  if (caller === undefined) throw new ProblemError('unauthenticated', 'Sign in first.');
  return caller;
}
export const CallerOf = createParamDecorator((_: unknown, context: ExecutionContext): Caller => callerOf(context));

/** APP_GUARD covers the socket's events as well: who sends one was let in by the gateway's own handshake. */
const isSocket = (context: ExecutionContext): boolean => context.getType() === 'ws';

export const isOpen = (context: ExecutionContext): boolean =>
  operationOf(context)?.operation.open === true ||
  [context.getHandler(), context.getClass()].some((target) => Reflect.getMetadata(OPEN, target) === true);

/**
 * A change must come from our own page: browsers put the truth into `Sec-Fetch-Site` and `Origin`, which no page can
 * forge. Programs say the same by sending `Origin` themselves.
 */
@Injectable()
export class OriginGuard implements CanActivate {
  constructor(@InjectContext() private readonly context: Context) {}

  canActivate(context: ExecutionContext): boolean {
    if (isSocket(context)) return true;
    const { method, headers } = requestOf(context);
    if (method === 'GET' || method === 'HEAD') return true;
    const { origin } = this.context.env.PUBLIC_URL;
    const site = headers['sec-fetch-site'];
    const sameSite = site === undefined || site === 'same-origin';
    const sameOrigin = headers.origin === undefined ? site !== undefined : headers.origin === origin;
    if (sameSite && sameOrigin) return true;
    this.context.log.warn(
      { operation: operationOf(context)?.name, origin: headers.origin, site },
      'a change from elsewhere was refused',
    );
    throw new ProblemError('forbidden', `Changes are taken from ${origin} only. Open the console there.`);
  }
}

@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly tokens: AccessTokens) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (isSocket(context) || isOpen(context)) return true;
    const request = requestOf(context);
    const principal = await this.tokens.authenticate(request.headers.authorization);
    if (principal === undefined) throw new ProblemError('unauthenticated', 'Sign in, or refresh the access token.');
    request.caller = { ...principal, address: request.ip };
    return true;
  }
}
