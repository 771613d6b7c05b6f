/** What a sign-in or a refresh answers with: the refresh token in a cookie that no script can read, the access token in the body. */
import { Injectable } from '@nestjs/common';
import type { Session } from '@plimsoll/contracts';
import type { OpenSession } from '@plimsoll/storage';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessTokens } from '../auth/access-tokens.js';
import { proverOf } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';

/** `__Host-`: the browser takes it only with Secure, Path=/ and no Domain (RFC 6265bis). */
export const REFRESH_COOKIE = '__Host-plimsoll-refresh';
export const COOKIE = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const;
export const LINK_IS_DEAD = 'This link was used, has expired or never was. Get a new one with `npx plimsoll sign-in-link`.';

/** @throws ProblemError `too-many-requests` where there is something to wait for. */
export function holdBack(retryAfterSeconds: number): void {
  if (retryAfterSeconds > 0) throw new ProblemError('too-many-requests', 'Too many attempts to sign in.', { retryAfterSeconds });
}

export const userAgentOf = ({ headers }: FastifyRequest): string => (headers['user-agent'] ?? '').slice(0, 256);

@Injectable()
export class SessionAnswers {
  constructor(
    @InjectContext() private readonly context: Context,
    private readonly tokens: AccessTokens,
  ) {}

  /** Thumbprint of the key that a new session is bound to: the one that proved the request. */
  async keyOf(request: FastifyRequest): Promise<string> {
    return proverOf(request).jkt;
  }

  async give({ session, refreshToken }: OpenSession, reply: FastifyReply): Promise<Session> {
    const maxAge = Math.max(1, Math.floor((session.endsAt - this.context.now()) / 1000));
    reply.setCookie(REFRESH_COOKIE, refreshToken, { ...COOKIE, maxAge });
    return { ...(await this.tokens.issue(session)), person: session.person };
  }
}
