/** What a sign-in or a refresh answers with: the refresh token in a cookie that no script can read, the access token in the body. */
import { Injectable } from '@nestjs/common';
import type { Session } from '@plimsoll/contracts';
import { endReplaced, networkOf, type OpenSession } from '@plimsoll/storage';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessTokens } from '../auth/access-tokens.js';
import { Budget } from '../auth/budget.js';
import { proverOf } from '../auth/guards.js';
import { SessionEnds } from '../auth/session-ends.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';

/** `__Host-`: the browser takes it only with Secure, Path=/ and no Domain (RFC 6265bis). */
export const REFRESH_COOKIE = '__Host-plimsoll-refresh';
export const COOKIE = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const;
export const LINK_IS_DEAD = 'This link was used, has expired or never was. Get a new one with `npx plimsoll sign-in-link`.';

/** @throws ProblemError `too-many-requests` where there is something to wait for. */
export function holdBack(retryAfterSeconds: number, why = 'Too many attempts to sign in.'): void {
  if (retryAfterSeconds > 0) throw new ProblemError('too-many-requests', why, { retryAfterSeconds });
}

export const userAgentOf = ({ headers }: FastifyRequest): string => (headers['user-agent'] ?? '').slice(0, 256);

/** Of all calls of one network to the ways in, whatever comes of them: 300 a second. */
const CALLS = { size: 3_000, windowMs: 10_000 };

@Injectable()
export class SessionAnswers {
  private readonly calls = new Budget(CALLS.size, CALLS.windowMs);

  constructor(
    @InjectContext() private readonly context: Context,
    private readonly tokens: AccessTokens,
    private readonly ends: SessionEnds,
  ) {}

  /**
   * Before a store is asked. Far beyond what people do behind one address, so that who guesses there keeps nobody out, and below what would
   * keep the stores busy.
   *
   * @throws ProblemError `too-many-requests`
   */
  admit({ ip }: FastifyRequest): void {
    holdBack(this.calls.take(networkOf(ip), this.context.now()));
  }

  /** Thumbprint of the key that a new session is bound to: the one that proved the request. */
  async keyOf(request: FastifyRequest): Promise<string> {
    return proverOf(request).jkt;
  }

  /** The session that this browser had before, if it is another one, ends: nobody is in twice by one cookie. */
  async give({ session, refreshToken }: OpenSession, reply: FastifyReply): Promise<Session> {
    const before = reply.request.cookies[REFRESH_COOKIE];
    if (before !== undefined) {
      const replaced = await endReplaced(this.context.db, before, session, reply.request.ip, this.context.now());
      if (replaced !== undefined) await this.ends.announce([replaced]);
    }
    const maxAge = Math.max(1, Math.floor((session.endsAt - this.context.now()) / 1000));
    reply.setCookie(REFRESH_COOKIE, refreshToken, { ...COOKIE, maxAge });
    return { ...(await this.tokens.issue(session)), person: session.person };
  }
}
