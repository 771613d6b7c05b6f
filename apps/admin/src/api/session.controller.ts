/**
 * Sign-in, refresh, sign-out. The refresh token lives in a cookie that no script can read and no other site can make the
 * browser send; the access token is in the answer and belongs in the page's memory.
 */
import { Controller, Req, Res } from '@nestjs/common';
import {
  beginRecovery,
  countPasskeys,
  listServices,
  networkOf,
  openSession,
  readAccount,
  recordAudit,
  redeemSignInLink,
  revokeSession,
  rotateSession,
  wasCopied,
} from '@plimsoll/storage';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessPolicy } from '../access/access-policy.js';
import { offersAnywhere } from '../access/offers.js';
import { recordDeed } from '../audit/trail.js';
import { Budget } from '../auth/budget.js';
import { type Caller, CallerOf, personOf, proverOf } from '../auth/guards.js';
import { SessionEnds } from '../auth/session-ends.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { OwnRisk } from '../watch/own-risk.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';
import { COOKIE, holdBack, LINK_IS_DEAD, REFRESH_COOKIE, SessionAnswers, userAgentOf } from './session-answers.js';

/** Told to everybody who holds a part of it: nobody knows which of them is the owner. */
const COPIED =
  'This session was ended: a copy of it was used, from here or from elsewhere. Sign in again, and look at your sessions and at what was changed.';
/** 256 random bits, base64url: anything else costs no query. */
const REFRESH_TOKEN = /^[\w-]{43}$/;

@Controller()
export class SessionController {
  /**
   * Failures, by the sender's network: whoever has a good secret never waits for who guesses at the same address. Both have 256 random bits, so
   * that this slows down nothing but noise; what the stores bear is bounded before (`SessionAnswers.admit`).
   */
  private readonly attempts = new Budget(30, 60_000);
  private readonly refusals = new Budget(30, 60_000);

  constructor(
    @InjectContext() private readonly context: Context,
    private readonly answers: SessionAnswers,
    private readonly ends: SessionEnds,
    private readonly policy: AccessPolicy,
    private readonly risks: OwnRisk,
  ) {}

  @Implements('signIn')
  async signIn(
    @Input() { body }: InputOf<'signIn'>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): AnswerOf<'signIn'> {
    this.answers.admit(request);
    const now = this.context.now();
    const [userAgent, jkt, address] = [userAgentOf(request), await this.answers.keyOf(request), request.ip];
    let ended: string[] = [];
    const opened = await this.context.db.transaction(async (tx) => {
      const link = await redeemSignInLink(tx, body.token, now);
      const passkeys = link ? await countPasskeys(tx, link.person.id) : 0;
      const disabled = link && (await readAccount(tx, link.person.id))?.disabledAt != null;
      if (link === undefined || disabled || (link.purpose === 'invitation' && passkeys > 0)) {
        holdBack(this.attempts.take(networkOf(request.ip), now));
        throw new ProblemError('unauthenticated', LINK_IS_DEAD);
      }
      const personId = link.person.id;
      // Whoever has a passkey does not need a link, unless it is lost, or it is somebody else who comes.
      if (passkeys > 0) ended = await beginRecovery(tx, { personId, by: `${link.purpose} link`, address }, now);
      const amr = passkeys > 0 ? 'recovery' : 'link';
      const opened = await openSession(tx, { personId, userAgent, jkt, amr, address }, now);
      const detail = { userAgent, amr, link: link.purpose };
      await recordAudit(tx, { at: now, personId, action: 'session.open', object: opened.session.id, detail, address });
      return opened;
    });
    await this.ends.announce(ended);
    return this.answers.give(opened, reply);
  }

  /** Who loses a race here must not clear the cookie: the winner has just set a better one. */
  @Implements('refresh')
  async refresh(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): AnswerOf<'refresh'> {
    const presented = request.cookies[REFRESH_COOKIE];
    if (presented === undefined || !REFRESH_TOKEN.test(presented))
      throw new ProblemError('unauthenticated', 'There is no session. Sign in.');
    this.answers.admit(request);
    const now = this.context.now();
    const { jkt, count } = proverOf(request);
    const refresh = { token: presented, jkt, count, address: request.ip };
    const rotation = await rotateSession(this.context.db, refresh, now);
    if (rotation.type === 'rotated') return this.answers.give(rotation, reply);
    if (rotation.type === 'ended') {
      const { sessionId, sign } = rotation;
      this.context.log.warn({ sessionId, sign, address: request.ip }, 'a session was copied: ended');
      await this.ends.announce([sessionId]);
    }
    const copied = rotation.type === 'ended' || (rotation.reason === 'revoked' && wasCopied(rotation.ended));
    if (copied) throw new ProblemError('session-copied', COPIED);
    holdBack(this.refusals.take(networkOf(request.ip), now));
    throw new ProblemError('unauthenticated', 'This session has ended. Sign in again.');
  }

  @Implements('signOut')
  async signOut(@CallerOf() caller: Caller, @Res({ passthrough: true }) reply: FastifyReply): AnswerOf<'signOut'> {
    const at = this.context.now();
    const { sessionId } = caller;
    await this.context.db.transaction(async (tx) => {
      if (!(await revokeSession(tx, sessionId, 'sign-out', at))) return;
      await recordDeed(tx, caller, at, { action: 'session.close', object: sessionId });
    });
    await this.ends.announce([sessionId]);
    reply.clearCookie(REFRESH_COOKIE, COOKIE);
    return null;
  }

  @Implements('me')
  async me(@CallerOf() caller: Caller): AnswerOf<'me'> {
    const services = await listServices(this.context.db);
    return { ...personOf(caller), allowed: offersAnywhere(this.policy, caller, services), risk: this.risks.told(caller) };
  }
}
