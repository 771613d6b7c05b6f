/** Decisions by people: block, challenge or throttle, lift, answer what waits for a person. A person's word wins over every policy's, the allow-list over both. */
import { Controller } from '@nestjs/common';
import type { Decision, EnforceableSubject, RateLimit } from '@plimsoll/contracts';
import {
  AllowListed,
  confirmDecision,
  createDecision,
  findAlert,
  getService,
  hitSubjects,
  type Lift,
  liftDecision,
  listDecisions,
  plainAddress,
  readDryRun,
  settlePending,
  type Transaction,
} from '@plimsoll/storage';
import { classOfDecision, type Sight, SightOf } from '../access/sight.js';
import { type Caller, CallerOf } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { change } from './change.js';
import { readCursor } from './lists.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';
import { publishDecisions } from './publish.js';

type Order = InputOf<'decide'>['body'];

@Controller()
export class DecisionsController {
  constructor(@InjectContext() private readonly context: Context) {}

  @Implements('decisions')
  async decisions(@Input() { query }: InputOf<'decisions'>, @SightOf() sight: Sight): AnswerOf<'decisions'> {
    const filter = { ...query, within: sight.within(), cursor: readCursor(query.cursor) };
    const page = await listDecisions(this.context.db, filter, this.context.now());
    return { ...page, items: page.items.filter((decision) => sight.decision(classOfDecision(decision))) };
  }

  @Implements('decide')
  async decide(@Input() { body }: InputOf<'decide'>, @CallerOf() caller: Caller): AnswerOf<'decide'> {
    const decision = await change(
      this.context,
      caller,
      (tx, now) => putInForce(tx, body, caller.person.name, now),
      ({ id, service, action, subject, endpoint, until, rate }) => ({
        action: `decision.${action}`,
        object: id,
        service,
        after: { subject, endpoint, until, rate },
        reason: body.reason,
      }),
    );
    return this.publish(decision);
  }

  @Implements('lift')
  async lift(@Input() { params, body }: InputOf<'lift'>, @CallerOf() caller: Caller): AnswerOf<'lift'> {
    const decision = await change(
      this.context,
      caller,
      async (tx, now) => lifted(await liftDecision(tx, params.id, caller.person.name, now)),
      ({ service, subject, action, endpoint, until, liftedAt }) => ({
        action: 'decision.lift',
        object: params.id,
        service,
        before: { subject, action, endpoint, until },
        after: { liftedAt },
        reason: body.reason,
      }),
    );
    return this.publish(decision);
  }

  @Implements('confirm')
  async confirm(@Input() { params, body }: InputOf<'confirm'>, @CallerOf() caller: Caller): AnswerOf<'confirm'> {
    const decision = await change(
      this.context,
      caller,
      async (tx, now) => confirmed(await confirmDecision(tx, params.id, now)),
      ({ service, subject, action, endpoint, until, mode }) => ({
        action: 'decision.confirm',
        object: params.id,
        service,
        before: { mode: 'pending' },
        after: { subject, action, endpoint, until, mode },
        reason: body.reason,
      }),
    );
    return this.publish(decision);
  }

  @Implements('settlePending')
  async settlePending(
    @Input() { params, body }: InputOf<'settlePending'>,
    @CallerOf() caller: Caller,
  ): AnswerOf<'settlePending'> {
    const settled = await change(
      this.context,
      caller,
      async (tx, now) => {
        await existing(tx, params.id);
        return settlePending(tx, params.id, body.answer, { personName: caller.person.name, now });
      },
      (decisions) => ({
        action: `decision.${body.answer}-all`,
        object: params.id,
        service: params.id,
        detail: { decisions: decisions.map(({ id }) => id) },
      }),
    );
    await publishDecisions(this.context, params.id, settled);
    await this.note(caller, settled);
    return { settled: settled.length };
  }

  @Implements('dryRun')
  async dryRun(@Input() { params, query }: InputOf<'dryRun'>): AnswerOf<'dryRun'> {
    const { db, now } = this.context;
    if ((await getService(db, params.id)) === undefined) throw noService();
    return readDryRun(db, params.id, now() - query.days * 86_400_000);
  }

  /** That these were hit by the person, for what it does next. They are: a count that fails costs a later call its memory alone. */
  private async note({ person }: Caller, decisions: readonly Decision[]): Promise<void> {
    const { redis, env, log, now } = this.context;
    const subjects = decisions.map(({ service, subject }) => ({ service, ...subject }));
    await hitSubjects(redis, env.PLIMSOLL_NAMESPACE, person.id, subjects, now()).catch((err: unknown) =>
      log.warn({ err }, 'subjects of settled blocks not counted'),
    );
  }

  private async publish(decision: Decision): Promise<Decision> {
    await publishDecisions(this.context, decision.service, [decision]);
    return decision;
  }
}

const noService = () => new ProblemError('not-found', 'There is no such service.');

async function existing(tx: Transaction, service: string): Promise<void> {
  if ((await getService(tx, service)) === undefined) throw noService();
}

async function putInForce(tx: Transaction, order: Order, name: string, now: number): Promise<Decision> {
  await existing(tx, order.service);
  const { service, action, endpoint, reason, durationSeconds } = order;
  const alert = order.alertId === undefined ? undefined : await findAlert(tx, order.alertId);
  if (order.alertId !== undefined && alert?.service !== service) {
    throw new ProblemError('not-found', 'There is no such alert in this service.');
  }
  const draft = {
    service,
    action,
    subject: subjectOf(order),
    endpoint,
    rate: rateOf(order, alert),
    reason,
    origin: { type: 'person', name } as const,
    alertId: order.alertId ?? null,
    until: now + durationSeconds * 1000,
  };
  try {
    return await createDecision(tx, draft, now);
  } catch (error) {
    if (!(error instanceof AllowListed)) throw error;
    // Without the id: who ordered this may have known a pseudonym alone, and what is no answer is not hidden.
    throw new ProblemError(
      'conflict',
      `This ${order.subject.type === 'actor' ? 'user' : order.subject.type} is on the allow-list of ${service}, which wins over every decision. Take it off the list first.`,
    );
  }
}

const faulty = (field: string, reason: string) =>
  new ProblemError('invalid-body', 'Some fields are not as they must be.', { errors: [{ field, reason }] });

/** An address in the one form that logs have, else policies and bouncers would not know it for the same. */
function subjectOf({ subject, action }: Order): EnforceableSubject {
  if (action === 'challenge' && subject.type !== 'actor') {
    throw faulty('body.subject.type', 'actor: nobody can prove that it is an address or a credential');
  }
  if (subject.type !== 'address') return subject;
  const text = subject.id.trim();
  const id = plainAddress(text.endsWith('/64') ? text.slice(0, -3) : text);
  if (id === undefined || (text.endsWith('/64') && !id.includes(':'))) {
    throw faulty('body.subject.id', 'an IPv4 or IPv6 address');
  }
  return { type: 'address', id: text.endsWith('/64') ? `${id}/64` : id };
}

/** The rate that was given, else what the alert learnt as this subject's limit of requests. */
function rateOf(order: Order, alert: { unit: string; limit: number; windowSeconds: number } | undefined): RateLimit | null {
  if (order.action !== 'throttle') {
    if (order.rate) throw faulty('body.rate', `a ${order.action} has no rate`);
    return null;
  }
  if (order.rate) return order.rate;
  if (alert?.unit === 'requests' && alert.windowSeconds > 0) {
    return { requests: Math.max(1, alert.limit), windowSeconds: alert.windowSeconds };
  }
  throw faulty('body.rate', 'a throttle needs a rate, or an alert that learnt a limit of requests');
}

function confirmed(outcome: Awaited<ReturnType<typeof confirmDecision>>): Decision {
  if (outcome.type === 'missing') throw new ProblemError('not-found', 'There is no such decision.');
  if (outcome.type === 'over') throw new ProblemError('conflict', 'This decision does not wait for anybody, or no longer.');
  return outcome.decision;
}

function lifted(lift: Lift): Decision {
  if (lift.type === 'missing') throw new ProblemError('not-found', 'There is no such decision.');
  if (lift.type === 'over') throw new ProblemError('conflict', 'This decision is over already.');
  return lift.decision;
}
