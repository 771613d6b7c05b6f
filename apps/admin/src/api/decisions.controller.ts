/** Decisions by people: block, challenge or throttle, lift. A person's word wins over every policy's. */
import { Controller } from '@nestjs/common';
import type { Decision, EnforceableSubject, RateLimit } from '@plimsoll/contracts';
import {
  announceFeed,
  createDecision,
  findAlert,
  getService,
  heldAddress,
  type Lift,
  liftDecision,
  listDecisions,
  plainAddress,
  publishLive,
  type Transaction,
} from '@plimsoll/storage';
import { type Caller, CallerOf } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { change } from './change.js';
import { readCursor } from './lists.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';

type Order = InputOf<'decide'>['body'];

@Controller()
export class DecisionsController {
  constructor(@InjectContext() private readonly context: Context) {}

  @Implements('decisions')
  decisions(@Input() { query }: InputOf<'decisions'>): AnswerOf<'decisions'> {
    return listDecisions(this.context.db, { ...query, cursor: readCursor(query.cursor) }, this.context.now());
  }

  @Implements('decide')
  async decide(@Input() { body }: InputOf<'decide'>, @CallerOf() caller: Caller): AnswerOf<'decide'> {
    const decision = await change(
      this.context,
      caller,
      (tx, now) => putInForce(tx, body, caller.person.name, now),
      ({ id, service, action, subject, endpoint, until }) => ({
        action: `decision.${action}`,
        object: id,
        detail: { service, subject, endpoint, until, reason: body.reason },
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
      ({ service, subject }) => ({
        action: 'decision.lift',
        object: params.id,
        detail: { service, subject, reason: body.reason ?? null },
      }),
    );
    return this.publish(decision);
  }

  /** Bouncers hear of it first. With Redis away they and the pages find out by themselves within seconds. */
  private async publish(decision: Decision): Promise<Decision> {
    const { redis, env, log } = this.context;
    try {
      await announceFeed(redis, env.PLIMSOLL_NAMESPACE, decision.service, decision.version);
      await publishLive(redis, env.PLIMSOLL_NAMESPACE, { type: 'decision', decision });
    } catch (err) {
      log.warn({ err, decisionId: decision.id }, 'decision not announced');
    }
    return decision;
  }
}

async function putInForce(tx: Transaction, order: Order, name: string, now: number): Promise<Decision> {
  if ((await getService(tx, order.service)) === undefined) throw new ProblemError('not-found', 'There is no such service.');
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
  return createDecision(tx, draft, now);
}

const faulty = (field: string, reason: string) =>
  new ProblemError('invalid-body', 'Some fields are not as they must be.', { errors: [{ field, reason }] });

/** An address in the one form that logs and bouncers have, else policies and bouncers would not know it for the same. */
function subjectOf({ subject, action }: Order): EnforceableSubject {
  if (action === 'challenge' && subject.type !== 'actor') {
    throw faulty('body.subject.type', 'actor: nobody can prove that it is an address or a credential');
  }
  if (subject.type !== 'address') return subject;
  const id = heldAddress(subject.id.trim());
  if (plainAddress(id) === undefined && !id.endsWith('/64')) throw faulty('body.subject.id', 'an IPv4 or IPv6 address');
  return { type: 'address', id };
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

function lifted(lift: Lift): Decision {
  if (lift.type === 'missing') throw new ProblemError('not-found', 'There is no such decision.');
  if (lift.type === 'over') throw new ProblemError('conflict', 'This decision is over already.');
  return lift.decision;
}
