/** The people of the installation: invitations, roles, disabling, resets, and the second person's word. For owners. */
import { Controller } from '@nestjs/common';
import type { Member } from '@plimsoll/contracts';
import {
  answerApproval,
  createPerson,
  createSignInLink,
  findMember,
  type LinkPurpose,
  listApprovals,
  listMembers,
  listPolicies,
  listSessions,
  lockPolicySet,
  openSessionIds,
  ownsAll,
  revokePersonSessions,
  setTwoPersons,
  type Transaction,
  twoPersons,
  updateMember,
} from '@plimsoll/storage';
import { AccessNews } from '../access/access-news.js';
import { withOwn } from '../access/access-policy.js';
import { locksOut } from '../access/edit.js';
import { Budget } from '../auth/budget.js';
import { type Caller, CallerOf } from '../auth/guards.js';
import { SessionEnds } from '../auth/session-ends.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { OwnRisk } from '../watch/own-risk.js';
import { change } from './change.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';

/** What the audit says of a person before and after a change. */
const toldOf = ({ name, role, state, attributes }: Member) => ({ name, role, state, attributes });
const noMember = () => new ProblemError('not-found', 'There is no such person.');
const LAST_OWNER = 'This is the last owner of every team who can sign in. Make somebody else one first.';
/** Links that one person gives out. */
const LINKS = { size: 20, windowMs: 60 * 60_000 };

@Controller()
export class MembersController {
  private readonly links = new Budget(LINKS.size, LINKS.windowMs);

  constructor(
    @InjectContext() private readonly context: Context,
    private readonly ends: SessionEnds,
    private readonly news: AccessNews,
    private readonly risks: OwnRisk,
  ) {}

  @Implements('members')
  async members(): AnswerOf<'members'> {
    const { db, now } = this.context;
    return { items: await listMembers(db, now()), twoPersons: await twoPersons(db) };
  }

  @Implements('invite')
  invite(@Input() { body }: InputOf<'invite'>, @CallerOf() caller: Caller): AnswerOf<'invite'> {
    this.holdLinks(caller);
    const { name, role, validMinutes, attributes } = body;
    return change(
      this.context,
      caller,
      async (tx, at) => {
        const { id } = await createPerson(tx, { name, role, attributes }, at);
        return this.linkFor(tx, id, { purpose: 'invitation', validMinutes }, at);
      },
      ({ member, until }) => ({
        action: 'member.invite',
        object: member.id,
        detail: { name, role, attributes: member.attributes, until },
      }),
    );
  }

  @Implements('updateMember')
  async updateMember(@Input() { params, body }: InputOf<'updateMember'>, @CallerOf() caller: Caller): AnswerOf<'updateMember'> {
    let sessions: string[] = [];
    const { member } = await change(
      this.context,
      caller,
      async (tx, at) => {
        sessions = await openSessionIds(tx, params.id, at);
        const update = await updateMember(tx, params.id, body, at);
        if (update.type === 'missing') throw noMember();
        if (update.type === 'last-owner') throw new ProblemError('conflict', LAST_OWNER);
        // Another role is other rights: nothing that was begun with the old ones goes on (ASVS 8.3.2).
        const ends = update.before.state !== update.member.state || update.before.role !== update.member.role;
        if (ends) await revokePersonSessions(tx, params.id, body.disabled ? 'disabled' : 'role', at);
        else sessions = [];
        return { ...update, member: await this.found(params.id, tx) };
      },
      ({ before, member: after }) => ({
        action: 'member.update',
        object: params.id,
        detail: { before: toldOf(before), after: toldOf(after) },
      }),
    );
    await this.ends.announce(sessions);
    if (body.attributes !== undefined) await this.news.announce();
    return member;
  }

  @Implements('resetMember')
  resetMember(@Input() { params, body }: InputOf<'resetMember'>, @CallerOf() caller: Caller): AnswerOf<'resetMember'> {
    this.holdLinks(caller);
    return change(
      this.context,
      caller,
      async (tx, at) => {
        const member = await this.found(params.id, tx);
        if (member.state === 'disabled') throw new ProblemError('conflict', 'This person is disabled.');
        return this.linkFor(tx, params.id, { purpose: 'reset', validMinutes: body.validMinutes }, at);
      },
      ({ until }) => ({ action: 'member.reset', object: params.id, detail: { until } }),
    );
  }

  @Implements('memberSessions')
  async memberSessions(@Input() { params }: InputOf<'memberSessions'>, @CallerOf() caller: Caller): AnswerOf<'memberSessions'> {
    const { db, now } = this.context;
    await this.found(params.id, db);
    return { items: this.risks.withRisks(await listSessions(db, params.id, caller.sessionId, now())) };
  }

  @Implements('endMemberSessions')
  async endMemberSessions(
    @Input() { params }: InputOf<'endMemberSessions'>,
    @CallerOf() caller: Caller,
  ): AnswerOf<'endMemberSessions'> {
    await this.found(params.id, this.context.db);
    const ended = await change(
      this.context,
      caller,
      (tx, at) => revokePersonSessions(tx, params.id, 'ended by an owner', at),
      (sessions) => ({ action: 'member.end-sessions', object: params.id, detail: { sessions } }),
    );
    await this.ends.announce(ended);
    return null;
  }

  @Implements('requireTwoPersons')
  requireTwoPersons(
    @Input() { body: { on } }: InputOf<'requireTwoPersons'>,
    @CallerOf() caller: Caller,
  ): AnswerOf<'requireTwoPersons'> {
    return change(
      this.context,
      caller,
      async (tx, at) => {
        const owners = (await listMembers(tx, at)).filter(ownsAll);
        if (on && owners.length < 2)
          throw new ProblemError('conflict', 'There is no second owner of every team yet who could approve.');
        // No edit of the access policy comes between the look and the switch.
        await lockPolicySet(tx);
        await setTwoPersons(tx, on);
        if (on && (await locksOut(tx, withOwn(await listPolicies(tx)), caller, at)))
          throw new ProblemError(
            'conflict',
            'The access policy lets no second owner approve: nothing could be changed any more.',
          );
        return { on };
      },
      () => ({ action: 'two-persons.set', object: 'two-persons', detail: { on } }),
    );
  }

  @Implements('approvals')
  async approvals(@CallerOf() { person }: Caller): AnswerOf<'approvals'> {
    return { items: await listApprovals(this.context.db, person.id, this.context.now()) };
  }

  @Implements('approve')
  approve(@Input() { params }: InputOf<'approve'>, @CallerOf() caller: Caller): AnswerOf<'approve'> {
    return this.answer(params.id, caller, true);
  }

  @Implements('reject')
  reject(@Input() { params }: InputOf<'reject'>, @CallerOf() caller: Caller): AnswerOf<'reject'> {
    return this.answer(params.id, caller, false);
  }

  private answer(id: string, caller: Caller, yes: boolean): AnswerOf<'approve'> {
    return change(
      this.context,
      caller,
      async (tx, at) => {
        const answered = await answerApproval(tx, { id, personId: caller.person.id, yes }, at);
        if (answered.type === 'missing') throw new ProblemError('not-found', 'Nothing of this id waits.');
        if (answered.type === 'own') throw new ProblemError('forbidden', 'Another owner has to approve what you asked for.');
        if (answered.type === 'over') throw new ProblemError('conflict', 'This was answered already, or has run out.');
        return answered.approval;
      },
      ({ operation, params, body }) => ({
        action: yes ? 'approval.approve' : 'approval.reject',
        object: id,
        detail: { operation, params, body },
      }),
    );
  }

  /** The host comes from the configuration, whatever the request said it was. */
  private async linkFor(
    tx: Transaction,
    id: string,
    { purpose, validMinutes }: { purpose: LinkPurpose; validMinutes: number },
    at: number,
  ) {
    const token = await createSignInLink(tx, id, at, { purpose, validMs: validMinutes * 60_000 });
    const link = new URL(`/sign-in#${token}`, this.context.env.PUBLIC_URL).href;
    return { member: await this.found(id, tx), link, until: at + validMinutes * 60_000 };
  }

  private async found(id: string, tx: Transaction | Context['db']): Promise<Member> {
    const member = await findMember(tx, id, this.context.now());
    if (member === undefined) throw noMember();
    return member;
  }

  private holdLinks({ person }: Caller): void {
    const retryAfterSeconds = this.links.take(person.id, this.context.now());
    if (retryAfterSeconds > 0)
      throw new ProblemError('too-many-requests', 'So many links within an hour.', { retryAfterSeconds });
  }
}
