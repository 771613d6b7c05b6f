/** A person's own ways in: passkeys, sessions, recovery codes, notices. Nobody reads or changes another's here. */
import { Controller } from '@nestjs/common';
import type { Account, SessionOrigin } from '@plimsoll/contracts';
import {
  addNotice,
  addPasskey,
  countPasskeys,
  heldUntil,
  listNotices,
  listPasskeys,
  listSessions,
  lockAccount,
  makeRecoveryCodes,
  noteAuthentication,
  type PasskeyDraft,
  type PasskeyRow,
  putNoticeAway,
  readAccount,
  recoveryCodesLeft,
  removePasskey,
  renamePasskey,
  revokePersonSessions,
  revokeSession,
  spendChallenge,
  type Transaction,
  toPasskey,
  voidLinks,
} from '@plimsoll/storage';
import { Challenges } from '../auth/challenges.js';
import { type Caller, CallerOf, personOf } from '../auth/guards.js';
import { Passkeys } from '../auth/passkeys.js';
import { SessionCache } from '../auth/session-cache.js';
import { SessionEnds } from '../auth/session-ends.js';
import { ENROL_MS } from '../auth/step-up.js';
import { clientDataOf } from '../auth/webauthn.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { OwnRisk } from '../watch/own-risk.js';
import { change } from './change.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';

const NOT_MADE = 'The passkey was not made as it must be, or too late. Try again.';
const noPasskey = () => new ProblemError('not-found', 'You have no such passkey.');

@Controller()
export class AccountController {
  constructor(
    @InjectContext() private readonly context: Context,
    private readonly challenges: Challenges,
    private readonly passkeys: Passkeys,
    private readonly sessions: SessionCache,
    private readonly ends: SessionEnds,
    private readonly risks: OwnRisk,
  ) {}

  @Implements('account')
  async account(@CallerOf() caller: Caller): AnswerOf<'account'> {
    const { db } = this.context;
    const { amr, authAt, sessionId } = caller;
    const person = personOf(caller);
    const now = this.context.now();
    const [state, passkeys, sessions, recoveryCodes, notices] = await Promise.all([
      readAccount(db, person.id),
      listPasskeys(db, person.id),
      listSessions(db, person.id, sessionId, now),
      recoveryCodesLeft(db, person.id),
      listNotices(db, person.id, sessionId),
    ]);
    const enrols = amr === 'recovery' || (amr === 'link' && passkeys.length === 0);
    const [open, risk] = [this.risks.withRisks(sessions), this.risks.told(caller)];
    const answer: Account = {
      person,
      origin: amr as SessionOrigin,
      passkeys: passkeys.map(toPasskey),
      passkeysWanted: person.role === 'owner' ? 2 : 1,
      enrolUntil: enrols && authAt + ENROL_MS > now ? authAt + ENROL_MS : null,
      sessions: open,
      recoveryCodes,
      heldUntil: heldUntil(state, now),
      notices,
      risk,
    };
    if (amr !== 'recovery') return answer;
    // It may be somebody else who asks: what the person was told or did, and where it is signed in, is not for them.
    const unsaid = { ...risk, signals: [], since: null, quietSince: null };
    return { ...answer, sessions: open.filter(({ own }) => own), notices: [], risk: unsaid };
  }

  /** The guard has seen to it that this session may make one (auth/step-up.ts). */
  @Implements('passkeyOptions')
  async passkeyOptions(@CallerOf() { person, sessionId }: Caller): AnswerOf<'passkeyOptions'> {
    const { db } = this.context;
    const { userHandle } = await db.transaction((tx) => lockAccount(tx, person.id));
    const challenge = this.challenges.issue('register', sessionId, person.id);
    return this.passkeys.creationOptions(challenge, { name: person.name, userHandle }, await listPasskeys(db, person.id));
  }

  @Implements('addPasskey')
  async addPasskey(@Input() { body }: InputOf<'addPasskey'>, @CallerOf() caller: Caller): AnswerOf<'addPasskey'> {
    const { person, sessionId, address } = caller;
    const challenge = clientDataOf(body.attestation.response.clientDataJSON)?.challenge ?? '';
    const endsAt = this.challenges.endOf(challenge, 'register', sessionId, person.id);
    if (endsAt === undefined) throw new ProblemError('forbidden', NOT_MADE);
    const made = await this.passkeys.judgeAttestation(body.attestation, challenge);
    if (made.type === 'bad') {
      this.context.log.info({ why: made.why }, 'a new passkey was refused');
      throw new ProblemError('bad-request', NOT_MADE);
    }
    const row = await change(
      this.context,
      caller,
      async (tx, at) => {
        if (!(await spendChallenge(tx, challenge, endsAt, at))) throw new ProblemError('forbidden', NOT_MADE);
        const added = await this.keep(tx, caller, { ...made.passkey, personId: person.id, name: body.name }, at);
        await addNotice(tx, { personId: person.id, kind: 'passkey-added', at, address, what: body.name, sessionId });
        return added;
      },
      ({ id, backupEligible }) => ({ action: 'passkey.add', object: id, detail: { name: body.name, synced: backupEligible } }),
    );
    this.sessions.forget(sessionId);
    return toPasskey(row);
  }

  private async keep(tx: Transaction, caller: Caller, draft: PasskeyDraft, at: number): Promise<PasskeyRow> {
    await lockAccount(tx, caller.person.id);
    if (caller.amr === 'link' && (await countPasskeys(tx, caller.person.id)) > 0)
      throw new ProblemError('forbidden', 'You have a passkey meanwhile: sign in with it.');
    const added = await addPasskey(tx, draft, at);
    if (added.type === 'full') throw new ProblemError('conflict', 'You have as many passkeys as one can have. Remove one first.');
    if (added.type === 'known') throw new ProblemError('conflict', 'This passkey is known already.');
    await voidLinks(tx, caller.person.id, at);
    // Presence was proven to the new one just now: the session is worth as much as one by passkey.
    await noteAuthentication(tx, caller.sessionId, 'passkey', at);
    return added.passkey;
  }

  @Implements('renamePasskey')
  async renamePasskey(
    @Input() { params, body }: InputOf<'renamePasskey'>,
    @CallerOf() caller: Caller,
  ): AnswerOf<'renamePasskey'> {
    const row = await change(
      this.context,
      caller,
      async (tx) => {
        const renamed = await renamePasskey(tx, caller.person.id, params.id, body.name);
        if (renamed === undefined) throw noPasskey();
        return renamed;
      },
      () => ({ action: 'passkey.rename', object: params.id, detail: { name: body.name } }),
    );
    return toPasskey(row);
  }

  @Implements('removePasskey')
  async removePasskey(@Input() { params }: InputOf<'removePasskey'>, @CallerOf() caller: Caller): AnswerOf<'removePasskey'> {
    const { person, sessionId, address } = caller;
    await change(
      this.context,
      caller,
      async (tx, at) => {
        const removal = await removePasskey(tx, person.id, params.id);
        if (removal.type === 'missing') throw noPasskey();
        if (removal.type === 'last') throw new ProblemError('conflict', 'This is your last passkey. Add another one first.');
        const told = { personId: person.id, sessionId, at, address };
        await addNotice(tx, { ...told, kind: 'passkey-removed', what: removal.passkey.name });
        return removal.passkey;
      },
      ({ id, name }) => ({ action: 'passkey.remove', object: id, detail: { name } }),
    );
    return null;
  }

  @Implements('makeRecoveryCodes')
  async makeRecoveryCodes(@CallerOf() caller: Caller): AnswerOf<'makeRecoveryCodes'> {
    const { person, sessionId, address } = caller;
    const codes = await change(
      this.context,
      caller,
      async (tx, at) => {
        await addNotice(tx, { personId: person.id, kind: 'codes-made', at, address, what: '', sessionId });
        return makeRecoveryCodes(tx, person.id, at);
      },
      () => ({ action: 'recovery.codes', object: person.id, detail: {} }),
    );
    return { codes };
  }

  @Implements('endSession')
  async endSession(@Input() { params }: InputOf<'endSession'>, @CallerOf() caller: Caller): AnswerOf<'endSession'> {
    const { db, now } = this.context;
    const own = (await listSessions(db, caller.person.id, '', now())).some(({ id }) => id === params.id);
    if (!own) throw new ProblemError('not-found', 'You have no such session.');
    await change(
      this.context,
      caller,
      (tx, at) => revokeSession(tx, params.id, 'ended', at),
      () => ({ action: 'session.end', object: params.id, detail: {} }),
    );
    await this.ends.announce([params.id]);
    return null;
  }

  @Implements('endSessions')
  async endSessions(@CallerOf() caller: Caller): AnswerOf<'endSessions'> {
    const ended = await change(
      this.context,
      caller,
      (tx, at) => revokePersonSessions(tx, caller.person.id, 'everywhere', at),
      (sessions) => ({ action: 'session.end-all', object: caller.person.id, detail: { sessions } }),
    );
    await this.ends.announce(ended);
    return null;
  }

  @Implements('putNoticeAway')
  async putNoticeAway(@Input() { params }: InputOf<'putNoticeAway'>, @CallerOf() caller: Caller): AnswerOf<'putNoticeAway'> {
    await change(
      this.context,
      caller,
      async (tx) => {
        if (!(await putNoticeAway(tx, caller.person.id, params.id)))
          throw new ProblemError('not-found', 'There is no such notice.');
      },
      () => ({ action: 'notice.put-away', object: params.id, detail: {} }),
    );
    return null;
  }
}
