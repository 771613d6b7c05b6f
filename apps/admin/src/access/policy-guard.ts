/**
 * Asks the access policy before every operation and every event of the socket. Who may not even see a thing is told that
 * there is none; every denial is written down. It reads the input first, since the policy is about things, not routes.
 */
import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { type AccessActionName, type AccessResource, type OperationName } from '@plimsoll/contracts';
import { hitSubjects, listServices } from '@plimsoll/storage';
import { operationOf, takeInput } from '../api/operation.js';
import { Denials } from '../audit/denials.js';
import { type Caller, type CallerRequest, callerOf, isOpen } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { becauseOfRisk } from '../watch/own-risk.js';
import { AccessPolicy } from './access-policy.js';
import type { Asker } from './asker.js';
import type { Verdict } from './cedar.js';
import { INSTALLATION, type Question, questionsOf } from './resources.js';
import { hide, leaveAlone, Sight, setSight } from './sight.js';

type Called = NonNullable<ReturnType<typeof operationOf>>;

export const EVENT_ACTION = 'plimsoll:event-action';
/** The action of an event that a page sends over the socket. */
export const Asks = (action: AccessActionName): MethodDecorator => SetMetadata(EVENT_ACTION, action);

/** Operations about one thing whose answer lists others beside it. */
const LISTS: ReadonlySet<OperationName> = new Set<OperationName>([
  'alert',
  'relatedAlerts',
  'traffic',
  'usualTraffic',
  'backtests',
  'savedViews',
]);

@Injectable()
export class PolicyGuard implements CanActivate {
  constructor(
    @InjectContext() private readonly context: Context,
    private readonly policy: AccessPolicy,
    private readonly denials: Denials,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() === 'ws') return this.mayEvent(context);
    if (isOpen(context)) return true;
    const called = operationOf(context);
    const caller = callerOf(context);
    if (called === undefined) throw new ProblemError('forbidden', 'This route has no action.');
    await this.policy.refresh();
    const input = takeInput(context, called.operation);
    const { db, now } = this.context;
    const asked = await questionsOf(called.name, input, db, now());
    if (asked.type === 'missing') throw missing(asked.what);
    if (asked.type === 'each' || LISTS.has(called.name)) await this.look(context, caller);
    if (asked.type === 'each') return true;
    const questions = await this.withHits(asked.questions, caller, now());
    const { unproved, allowed } = this.settle(context, called, questions, { mayProve: true, others: false });
    if (unproved.length > 0) Object.assign(context.switchToHttp().getRequest<CallerRequest>(), { unproved, goesOn: allowed });
    return true;
  }

  /**
   * Of a deed that hits subjects: how many those of the whole call are, with whom the person has hit in the last ten minutes. What may
   * neither be seen nor be done counts nowhere: a proof that is asked for because of it would tell that it is there. Nobody knows: 503.
   */
  private async withHits(questions: Question[], caller: Caller, now: number): Promise<Question[]> {
    const { redis, env } = this.context;
    const counting = new Set(questions.filter((question) => question.hits !== undefined && this.concerns(caller, question)));
    if (counting.size === 0) return questions;
    const hits = [...counting].flatMap((question) => question.hits ?? []);
    const counted = await hitSubjects(redis, env.PLIMSOLL_NAMESPACE, caller.person.id, hits, now).catch((cause: unknown) => {
      this.context.log.warn({ err: cause }, 'subjects of decisions not counted');
      throw new ProblemError('unavailable', 'A store cannot be reached right now. Try again in a moment.', {
        retryAfterSeconds: 2,
      });
    });
    return questions.map((question) =>
      counting.has(question) ? { ...question, subjects: (question.subjects ?? 0) + counted } : question,
    );
  }

  private concerns(caller: Caller, question: Question): boolean {
    const named = question.because?.of ?? question.resource;
    return (
      this.policy.knows(caller, named) || this.policy.decide(caller, question).allowed || this.policy.offers(caller, question)
    );
  }

  /** What waited for a proof of presence, now that the step-up has seen to it: whatever that guard let through. */
  again(context: ExecutionContext): boolean {
    const { unproved = [], goesOn = false } = context.switchToHttp().getRequest<CallerRequest>();
    const called = operationOf(context);
    if (unproved.length === 0) return true;
    if (called === undefined) throw new ProblemError('forbidden', 'This route has no action.');
    this.settle(context, called, unproved, { mayProve: false, others: goesOn });
    return true;
  }

  /**
   * Answers the questions of a call. Of a call about many things those that are denied are left out and the rest goes on; where
   * nothing is left that may be done, a thing that is seen makes it a refusal.
   *
   * @param others something else of the call was allowed before
   * @returns unproved: what a proof of presence would make the difference to, and may be asked for; allowed: whether anything is
   * @throws ProblemError where the call is denied
   */
  private settle(
    context: ExecutionContext,
    called: Called,
    questions: readonly Question[],
    { mayProve, others }: { mayProve: boolean; others: boolean },
  ): { unproved: Question[]; allowed: boolean } {
    const caller = callerOf(context);
    const request = context.switchToHttp().getRequest<CallerRequest>();
    const unproved: Question[] = [];
    const denied: { question: Question; verdict: Verdict }[] = [];
    for (const question of questions) {
      const verdict = this.policy.decide(caller, question);
      if (verdict.allowed) continue;
      if (mayProve && this.policy.offers(caller, question)) {
        unproved.push(question);
        request.risk ??= this.policy.riskAgainst(caller, question);
      } else denied.push({ question, verdict });
    }
    const refused = denied.map(({ question }) => question);
    const goesOn = others || leftBeside(questions, refused);
    for (const { question, verdict } of denied) {
      // The filter writes it down (audit/denials.ts), with all other refusals and within their budget.
      request.denial = { action: question.action, reasons: verdict.reasons };
      const refusal = this.refuse(caller, called, question, verdict);
      const seen = refusal.code !== 'not-found';
      if (question.ids === undefined || (seen && !goesOn)) throw refusal;
      (seen ? leaveAlone : hide)(request, question.ids);
      this.passOver(request, refusal);
    }
    return { unproved, allowed: leftBeside(questions, [...unproved, ...refused]) };
  }

  private async look(context: ExecutionContext, caller: Caller): Promise<void> {
    const sight = new Sight(this.policy, caller, await listServices(this.context.db));
    setSight(context.switchToHttp().getRequest<object>(), sight);
  }

  private async mayEvent(context: ExecutionContext): Promise<boolean> {
    await this.policy.refresh();
    const action: AccessActionName | undefined = Reflect.getMetadata(EVENT_ACTION, context.getHandler());
    const { asker } = context.switchToWs().getClient<{ data: { asker?: Asker } }>().data;
    if (action === undefined || asker === undefined) return false;
    const verdict = this.policy.decide(asker, { action, resource: INSTALLATION });
    if (verdict.allowed) return true;
    const { detail: reason, code } = forbidden(action, verdict);
    const by = { personId: asker.person.id, sessionId: asker.sessionId };
    const denial = { action, reasons: verdict.reasons };
    void this.denials.noteSocket({ event: context.switchToWs().getPattern(), code, reason, by, address: asker.address, denial });
    return false;
  }

  /** Nothing is thrown, so that no filter writes it down. Not waited for: that would tell what is hidden from what is not there. */
  private passOver(request: CallerRequest, refusal: ProblemError): void {
    void this.denials.note(refusal, request);
    delete request.denial;
  }

  private refuse(caller: Caller, { operation }: Called, question: Question, verdict: Verdict): ProblemError {
    const { action, resource, because } = question;
    const named = because?.of ?? resource;
    if (named.type !== 'Installation' && !this.policy.knows(caller, named)) return missing(namedBy(operation, named));
    return forbidden(action, verdict, { because: because?.why, risk: this.policy.riskAgainst(caller, question) });
  }
}

/** Whether anything may be done that none of these is about. */
function leftBeside(questions: readonly Question[], barred: readonly Question[]): boolean {
  const ids = new Set(barred.flatMap((question) => question.ids ?? []));
  return questions.some((each) => !barred.includes(each) && (each.ids === undefined || each.ids.some((id) => !ids.has(id))));
}

/** What a path or body names first: the service, or the thing itself. */
const namedBy = ({ path }: Called['operation'], { type }: AccessResource): string => {
  if (path.startsWith('/api/backtests/')) return 'backtest';
  return path.includes('{id}') && !path.startsWith('/api/services/') ? type.toLowerCase() : 'service';
};

const missing = (what: string) => new ProblemError('not-found', `There is no such ${what}.`);

function forbidden(
  action: AccessActionName,
  { reasons, fault }: Verdict,
  { because, risk }: { because?: string | undefined; risk?: number | undefined } = {},
): ProblemError {
  const why =
    fault !== undefined
      ? 'The access policy could not be evaluated, so that it denies. The log of the console has more.'
      : reasons.length === 0
        ? 'No policy permits it.'
        : `It is forbidden by ${reasons.join(', ')}.`;
  const said = [`You may not do this (${action}).`, because, why].filter(Boolean).join(' ');
  return new ProblemError('forbidden', `${said}${becauseOfRisk(risk)}`);
}

/** After the step-up: a call that it let through without a proof is denied here where the policy wants one. */
@Injectable()
export class ProvedGuard implements CanActivate {
  constructor(private readonly policy: PolicyGuard) {}

  canActivate(context: ExecutionContext): boolean {
    return context.getType() === 'ws' || this.policy.again(context);
  }
}
