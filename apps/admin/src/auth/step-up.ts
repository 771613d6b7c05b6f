/**
 * The guard before dangerous actions. It answers 403 with a challenge that is SHA-256 over operation, parameters, query, body and a nonce of
 * ours, and lets the same call pass when it comes again with an assertion over it: by the person's passkey, in the same session,
 * once. After a recovery dangerous actions wait a day; global ones can need another owner's word (contracts/step-up.ts).
 */
import { createHash } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import {
  canonicalJson,
  type Danger,
  MAX_STEP_UP_CHARACTERS,
  type Operation,
  type OperationName,
  STEP_UP_HEADER,
  type StepUpProof,
  stepUpProofSchema,
} from '@plimsoll/contracts';
import {
  askApproval,
  type Call,
  heldUntil,
  listPasskeys,
  noteAuthentication,
  type PasskeyRow,
  readAccount,
  spendApproval,
  twoPersons,
} from '@plimsoll/storage';
import type { FastifyRequest } from 'fastify';
import { operationOf, takeInput } from '../api/operation.js';
import { recordDeed } from '../audit/trail.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { becauseOfRisk } from '../watch/own-risk.js';
import { Budget } from './budget.js';
import { Challenges } from './challenges.js';
import type { Caller, CallerRequest } from './guards.js';
import { Passkeys } from './passkeys.js';
import { SessionCache } from './session-cache.js';

/** A first passkey, or one after a recovery, is made within this time after the sign-in. */
export const ENROL_MS = 15 * 60_000;

/** Each is everyday work; so many within the time are not, and need a step-up, which is good for as many again. */
const PACED: ReadonlySet<OperationName> = new Set<OperationName>(['decide', 'lift', 'confirm']);
const PACE = { size: 30, windowMs: 10 * 60_000 };

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url');
/** The call that a proof or an approval is about. */
const callOf = (operation: OperationName, { params, query, body }: FastifyRequest): Call => {
  const call = { operation, params: params as Record<string, string>, body: (body ?? {}) as Record<string, unknown> };
  return { ...call, digest: sha256(canonicalJson({ ...call, query })) };
};

@Injectable()
export class StepUpGuard implements CanActivate {
  private readonly pace = new Budget(PACE.size, PACE.windowMs);

  constructor(
    @InjectContext() private readonly context: Context,
    private readonly challenges: Challenges,
    private readonly passkeys: Passkeys,
    private readonly sessions: SessionCache,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const found = context.getType() === 'ws' ? undefined : operationOf(context);
    const request = context.switchToHttp().getRequest<CallerRequest>();
    if (found === undefined || request.caller === undefined) return true;
    const { name } = found;
    const own = this.dangerOf(context, found, request.caller);
    const danger = own === 'none' && request.unproved !== undefined ? 'step-up' : own;
    if (danger === 'none') return true;
    const { db, now } = this.context;
    const { person } = request.caller;
    // A program cannot prove presence: what its key may read, it may take away (access/platform-policies.ts).
    if (person.role === 'key') return true;
    const [account, passkeys] = await Promise.all([readAccount(db, person.id), listPasskeys(db, person.id)]);
    if (name === 'passkeyOptions' && mayEnrol(request.caller, passkeys, now())) return true;
    if (name !== 'passkeyOptions' && heldUntil(account, now()) !== null) throw held();
    const why = own === 'none' ? becauseOfRisk(request.risk) : '';
    if (passkeys.length === 0)
      throw new ProblemError('passkey-required', `This needs a passkey. Add one to your account first.${why}`);
    const call = callOf(name, request);
    await this.prove(call, request, request.caller, { passkeys, why });
    if (PACED.has(name)) this.pace.refill(person.id);
    if (danger === 'two-persons') await this.askSecond(call, request.caller);
    return true;
  }

  private dangerOf(
    context: ExecutionContext,
    { name, operation }: { name: OperationName; operation: Operation },
    { person }: Caller,
  ): Danger {
    if (PACED.has(name)) return this.pace.take(person.id, this.context.now()) > 0 ? 'step-up' : 'none';
    const { danger = 'none' } = operation;
    if (typeof danger !== 'function') return danger;
    return danger(takeInput(context, operation).body as never);
  }

  /** @throws ProblemError `step-up-required` with a new challenge unless the request brings a good proof. */
  private async prove(
    call: Call,
    request: CallerRequest,
    caller: Caller,
    { passkeys, why }: { passkeys: readonly PasskeyRow[]; why: string },
  ): Promise<void> {
    const proof = readProof(request);
    const { person, sessionId, address } = caller;
    const endsAt = proof && this.challenges.endOf(proof.nonce, 'step-up', sessionId, person.id);
    if (proof !== undefined && endsAt !== undefined) {
      const { assertion, nonce } = proof;
      const use = { assertion, challenge: challengeOf(call, nonce), endsAt, personId: person.id, address };
      const at = this.context.now();
      const used = await this.passkeys.use(use, (tx) => noteAuthentication(tx, sessionId, 'passkey', at));
      if (used.type === 'good') {
        this.sessions.forget(sessionId);
        Object.assign(caller, { amr: 'passkey', acr: 'aal2', authAt: at, steppedUpAt: at });
        return;
      }
    }
    if (proof !== undefined || request.headers[STEP_UP_HEADER] !== undefined)
      request.denial = { action: 'step-up', reasons: ['the proof is not good'] };
    const nonce = this.challenges.issue('step-up', sessionId, person.id);
    const options = this.passkeys.requestOptions(challengeOf(call, nonce), passkeys);
    const words = `Prove with your passkey that it is you, for this action.${why}`;
    throw new ProblemError('step-up-required', words, { stepUp: { nonce, options } });
  }

  /** @throws ProblemError `second-person-required` until another owner has approved this very call. */
  private async askSecond(call: Call, caller: Caller): Promise<void> {
    const { db, now } = this.context;
    const { person } = caller;
    if (!(await twoPersons(db))) return;
    const at = now();
    const outcome = await db.transaction(async (tx) => {
      if (await spendApproval(tx, person.id, call.digest, at)) return 'approved';
      if (!(await askApproval(tx, person.id, call, at))) return 'too-many';
      const detail = { params: call.params, body: call.body };
      await recordDeed(tx, caller, at, { action: 'approval.ask', object: call.operation, detail });
      return 'asked';
    });
    if (outcome === 'too-many') throw new ProblemError('conflict', 'Too many of your actions wait for a second person already.');
    if (outcome === 'asked')
      throw new ProblemError('second-person-required', 'Another owner has to approve this first. It waits on the members page.');
  }
}

const challengeOf = ({ digest }: Call, nonce: string) => sha256(canonicalJson([digest, nonce]));

const held = () => new ProblemError('held', 'After a recovery this waits for a day, so that a thief gains nothing by it.');

/** Without a passkey to prove anything with: soon after a link, or in a recovery. */
function mayEnrol({ amr, authAt }: Caller, passkeys: readonly PasskeyRow[], now: number): boolean {
  if (amr === 'passkey' || (amr === 'link' && passkeys.length > 0)) return false;
  if (now < authAt + ENROL_MS) return true;
  throw new ProblemError('forbidden', 'A passkey is made within 15 minutes after the sign-in. Sign in again with a new link.');
}

/** Undefined where there is none, or what there is has not the form of one. */
function readProof({ headers }: FastifyRequest): StepUpProof | undefined {
  const text = headers[STEP_UP_HEADER];
  if (typeof text !== 'string' || text.length > MAX_STEP_UP_CHARACTERS) return undefined;
  try {
    return stepUpProofSchema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
