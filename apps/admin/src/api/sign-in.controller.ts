/**
 * Ways in beside the link: passkeys, and recovery codes where those are lost. Whoever is refused hears the same, whatever was wrong
 * and whosever it was. Failures alone cost the sender's network: whoever has what opens never waits for strangers at the same address.
 */
import { Controller, Req, Res } from '@nestjs/common';
import {
  beginRecovery,
  countPasskeys,
  networkOf,
  type OpenSession,
  openSession,
  readAccount,
  readSignInLink,
  recordAudit,
  redeemRecoveryCode,
  type Transaction,
} from '@plimsoll/storage';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Budget } from '../auth/budget.js';
import { Challenges } from '../auth/challenges.js';
import { Passkeys } from '../auth/passkeys.js';
import { SessionEnds } from '../auth/session-ends.js';
import { clientDataOf } from '../auth/webauthn.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';
import { holdBack, LINK_IS_DEAD, SessionAnswers, userAgentOf } from './session-answers.js';

const NOT_THIS_WAY = 'That did not sign you in. The passkey or code is not known here, was used before, or came too late.';
const ATTEMPTS = { size: 30, windowMs: 60_000 };

@Controller()
export class SignInController {
  private readonly failures = new Budget(ATTEMPTS.size, ATTEMPTS.windowMs);
  private readonly codes = new Budget(ATTEMPTS.size, ATTEMPTS.windowMs);
  private readonly links = new Budget(ATTEMPTS.size, ATTEMPTS.windowMs);

  constructor(
    @InjectContext() private readonly context: Context,
    private readonly challenges: Challenges,
    private readonly passkeys: Passkeys,
    private readonly answers: SessionAnswers,
    private readonly ends: SessionEnds,
  ) {}

  @Implements('linkInfo')
  async linkInfo(@Input() { body }: InputOf<'linkInfo'>, @Req() request: FastifyRequest): AnswerOf<'linkInfo'> {
    this.answers.admit(request);
    const { db, now } = this.context;
    const link = await readSignInLink(db, body.token, now());
    const passkeys = link ? await countPasskeys(db, link.person.id) : 0;
    if (link === undefined || (link.purpose === 'invitation' && passkeys > 0)) {
      holdBack(this.links.take(networkOf(request.ip), now()));
      throw new ProblemError('unauthenticated', LINK_IS_DEAD);
    }
    return { name: link.person.name, does: passkeys > 0 ? 'recovery' : 'sign-in' };
  }

  /** Costs no store and tells nothing: there is no budget for it that somebody could use up for others. */
  @Implements('signInOptions')
  async signInOptions(): AnswerOf<'signInOptions'> {
    return this.passkeys.requestOptions(this.challenges.issue('sign-in'));
  }

  @Implements('signInWithPasskey')
  async signInWithPasskey(
    @Input() { body: { assertion } }: InputOf<'signInWithPasskey'>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): AnswerOf<'signInWithPasskey'> {
    this.answers.admit(request);
    const challenge = clientDataOf(assertion.response.clientDataJSON)?.challenge ?? '';
    const endsAt = this.challenges.endOf(challenge, 'sign-in');
    const jkt = await this.answers.keyOf(request);
    const address = request.ip;
    // Which person it is comes from the authenticator alone, so that it must say whose passkey it used (Level 3, 7.2, step 6).
    if (endsAt === undefined || assertion.response.userHandle === undefined) return this.refuse(request);
    const used = await this.passkeys.use({ assertion, challenge, endsAt, address }, (tx, { personId, id }) =>
      this.enter(tx, { personId, amr: 'passkey', jkt, by: { passkey: id } }, request),
    );
    if (used.type === 'bad' || used.result === undefined) return this.refuse(request);
    return this.answers.give(used.result, reply);
  }

  @Implements('signInWithCode')
  async signInWithCode(
    @Input() { body }: InputOf<'signInWithCode'>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): AnswerOf<'signInWithCode'> {
    this.answers.admit(request);
    const now = this.context.now();
    const jkt = await this.answers.keyOf(request);
    let ended: string[] = [];
    const opened = await this.context.db.transaction(async (tx) => {
      const personId = await redeemRecoveryCode(tx, body.code, now);
      if (personId === undefined || (await readAccount(tx, personId))?.disabledAt != null) return undefined;
      ended = await beginRecovery(tx, { personId, by: 'recovery code', address: request.ip }, now);
      return this.enter(tx, { personId, amr: 'recovery', jkt, by: { code: true } }, request);
    });
    await this.ends.announce(ended);
    if (opened === undefined) {
      holdBack(this.codes.take(networkOf(request.ip), now));
      throw new ProblemError('unauthenticated', NOT_THIS_WAY);
    }
    return this.answers.give(opened, reply);
  }

  /** Undefined where the person has been disabled. */
  private async enter(
    tx: Transaction,
    { personId, amr, jkt, by }: { personId: string; amr: 'passkey' | 'recovery'; jkt: string; by: Record<string, unknown> },
    request: FastifyRequest,
  ): Promise<OpenSession | undefined> {
    const [at, address] = [this.context.now(), request.ip];
    const userAgent = userAgentOf(request);
    if ((await readAccount(tx, personId))?.disabledAt != null) return undefined;
    const opened = await openSession(tx, { personId, userAgent, jkt, amr, address }, at);
    const detail = { userAgent, amr, ...by };
    await recordAudit(tx, { at, personId, action: 'session.open', object: opened.session.id, detail, address });
    return opened;
  }

  /** What is wrong is known by now, so that the budget holds back those alone who fail. */
  private refuse(request: FastifyRequest): never {
    holdBack(this.failures.take(networkOf(request.ip), this.context.now()));
    throw new ProblemError('unauthenticated', NOT_THIS_WAY);
  }
}
