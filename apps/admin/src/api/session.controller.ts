/**
 * Sign-in, refresh, sign-out. The refresh token lives in a cookie that no script can read and no other site can make the
 * browser send; the access token is in the answer and belongs in the page's memory.
 */
import { Controller, Req, Res } from '@nestjs/common';
import type { Session } from '@plimsoll/contracts';
import {
  networkOf,
  type OpenSession,
  openSession,
  publishLive,
  recordAudit,
  redeemSignInLink,
  revokeSession,
  rotateSession,
} from '@plimsoll/storage';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessTokens } from '../auth/access-tokens.js';
import { Budget } from '../auth/budget.js';
import { type Caller, CallerOf } from '../auth/guards.js';
import { SessionCache } from '../auth/session-cache.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';

/** `__Host-`: the browser takes it only with Secure, Path=/ and no Domain (RFC 6265bis). */
export const REFRESH_COOKIE = '__Host-plimsoll-refresh';
const cookie = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const;
const LINK_IS_DEAD = 'This link was used, has expired or never was. Get a new one with `npx plimsoll sign-in-link`.';

/** 256 random bits, base64url: anything else costs no query. */
const REFRESH_TOKEN = /^[\w-]{43}$/;

/** @throws ProblemError `too-many-requests` where there is something to wait for. */
function holdBack(retryAfterSeconds: number): void {
  if (retryAfterSeconds > 0) throw new ProblemError('too-many-requests', 'Too many attempts to sign in.', { retryAfterSeconds });
}

@Controller()
export class SessionController {
  /** Both secrets have 256 random bits; this only keeps guessing from costing us anything. By the sender's network. */
  private readonly attempts = new Budget(30, 60_000);
  /** Refreshes that were refused: pages refresh often, and many people may share an address. */
  private readonly refusals = new Budget(30, 60_000);

  constructor(
    @InjectContext() private readonly context: Context,
    private readonly tokens: AccessTokens,
    private readonly sessions: SessionCache,
  ) {}

  @Implements('signIn')
  async signIn(
    @Input() { body }: InputOf<'signIn'>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): AnswerOf<'signIn'> {
    const now = this.context.now();
    holdBack(this.attempts.take(networkOf(request.ip), now));
    const userAgent = (request.headers['user-agent'] ?? '').slice(0, 256);
    const opened = await this.context.db.transaction(async (tx) => {
      const person = (await redeemSignInLink(tx, body.token, now))?.person;
      if (person === undefined) throw new ProblemError('unauthenticated', LINK_IS_DEAD);
      const opened = await openSession(tx, { personId: person.id, userAgent, jkt: '', amr: 'link' }, now);
      const detail = { userAgent };
      const who = { personId: person.id, address: request.ip };
      await recordAudit(tx, { at: now, ...who, action: 'session.open', object: opened.session.id, detail });
      return opened;
    });
    return this.answer(opened, reply);
  }

  /** Who loses a race here must not clear the cookie: the winner has just set a better one. */
  @Implements('refresh')
  async refresh(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): AnswerOf<'refresh'> {
    const presented = request.cookies[REFRESH_COOKIE];
    if (presented === undefined || !REFRESH_TOKEN.test(presented))
      throw new ProblemError('unauthenticated', 'There is no session. Sign in.');
    const [now, network] = [this.context.now(), networkOf(request.ip)];
    holdBack(this.refusals.wait(network, now));
    const rotation = await rotateSession(this.context.db, presented, request.ip, now);
    if (rotation.type === 'rotated') return this.answer(rotation, reply);
    this.refusals.take(network, now);
    if (rotation.type === 'reused') {
      this.context.log.warn({ sessionId: rotation.sessionId, address: request.ip }, 'refresh token used again: session ended');
      await this.announceEnd(rotation.sessionId);
    }
    throw new ProblemError('unauthenticated', 'This session has ended. Sign in again.');
  }

  @Implements('signOut')
  async signOut(@CallerOf() caller: Caller, @Res({ passthrough: true }) reply: FastifyReply): AnswerOf<'signOut'> {
    const at = this.context.now();
    const { sessionId, person, address } = caller;
    await this.context.db.transaction(async (tx) => {
      if (!(await revokeSession(tx, sessionId, 'sign-out', at))) return;
      await recordAudit(tx, { at, personId: person.id, action: 'session.close', object: sessionId, detail: {}, address });
    });
    await this.announceEnd(sessionId);
    reply.clearCookie(REFRESH_COOKIE, cookie);
    return null;
  }

  @Implements('me')
  async me(@CallerOf() caller: Caller): AnswerOf<'me'> {
    return caller.person;
  }

  private async answer({ session, refreshToken }: OpenSession, reply: FastifyReply): Promise<Session> {
    const maxAge = Math.max(1, Math.floor((session.endsAt - this.context.now()) / 1000));
    reply.setCookie(REFRESH_COOKIE, refreshToken, { ...cookie, maxAge });
    return { ...(await this.tokens.issue(session)), person: session.person };
  }

  /** Other processes would find out within five seconds by themselves. */
  private async announceEnd(sessionId: string): Promise<void> {
    const { redis, env, log } = this.context;
    this.sessions.forget(sessionId);
    try {
      await publishLive(redis, env.PLIMSOLL_NAMESPACE, { type: 'session-revoked', sessionId });
    } catch (err) {
      log.warn({ err, sessionId }, 'end of a session not announced');
    }
  }
}
