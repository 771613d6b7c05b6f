/** What people do to alerts: one act on one alert or on many, and comments. */
import { Controller } from '@nestjs/common';
import { type Alert, clearsSubject, type TriageAct, type TriageResult } from '@plimsoll/contracts';
import {
  type Act,
  announceRisks,
  commentAlert,
  findAlert,
  findAssignee,
  type Lifted,
  liftOfAlert,
  listAssignees,
  publishLive,
  type Target,
  type Transaction,
  triageAlerts,
} from '@plimsoll/storage';
import { type LeftOut, LeftOutOf } from '../access/sight.js';
import { type Caller, CallerOf, personOf } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { change } from './change.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';
import { publishDecisions } from './publish.js';

/** What a resolution undid, by service. */
type Undone = Map<string, Lifted>;

@Controller()
export class TriageController {
  constructor(@InjectContext() private readonly context: Context) {}

  @Implements('acknowledge')
  async acknowledge(@Input() { params, body }: InputOf<'acknowledge'>, @CallerOf() caller: Caller): AnswerOf<'acknowledge'> {
    return this.carryOutOn(params, { type: 'acknowledge', ...body }, caller);
  }

  @Implements('resolve')
  async resolve(@Input() { params, body }: InputOf<'resolve'>, @CallerOf() caller: Caller): AnswerOf<'resolve'> {
    return this.carryOutOn(params, { type: 'resolve', ...body }, caller);
  }

  @Implements('triage')
  async triage(
    @Input() { body: { act, alerts } }: InputOf<'triage'>,
    @CallerOf() caller: Caller,
    @LeftOutOf() { hidden, denied }: LeftOut,
  ): AnswerOf<'triage'> {
    const targets = alerts.filter(({ id }) => !hidden.has(id) && !denied.has(id));
    return { results: await this.carryOut(act, targets, caller, (results) => inOrder(alerts, results, denied)) };
  }

  @Implements('comment')
  async comment(@Input() { params, body }: InputOf<'comment'>, @CallerOf() caller: Caller): AnswerOf<'comment'> {
    const event = await change(
      this.context,
      caller,
      async (tx, now) => {
        const outcome = await commentAlert(tx, params.id, { ...body, by: caller.person, now });
        if (outcome.type === 'missing') throw missing();
        if (outcome.type === 'strangers') throw faulty('body.mentions', 'ids of people who can sign in');
        return outcome.event;
      },
      (made) => ({ action: 'alert.comment', object: params.id, detail: { event: made.id, mentions: body.mentions } }),
    );
    const alert = await findAlert(this.context.db, params.id);
    if (alert) await this.publish([alert]);
    return event;
  }

  @Implements('assignees')
  async assignees(@CallerOf() caller: Caller): AnswerOf<'assignees'> {
    // A key gives alerts to nobody: it learns no names of members.
    personOf(caller);
    return { items: await listAssignees(this.context.db) };
  }

  private async carryOutOn(target: Target, act: TriageAct, caller: Caller): Promise<Alert> {
    const [alert] = changedOf(await this.carryOut(act, [target], caller, allChanged));
    return alert!;
  }

  /** @param accept throws where the results are none to be kept: then nothing happened and nothing is written down. */
  private async carryOut(
    act: TriageAct,
    targets: readonly Target[],
    caller: Caller,
    accept: (results: TriageResult[]) => TriageResult[],
  ): Promise<TriageResult[]> {
    futureOnly(act, this.context.now());
    const { results, undone } = await change(
      this.context,
      caller,
      async (tx, now) => {
        const done = accept(await triageAlerts(tx, await resolved(tx, act), targets, { by: caller.person, now }));
        return { results: done, undone: await consequences(tx, act, changedOf(done), caller, now) };
      },
      (outcome) => deedOf(act, outcome.results, outcome.undone),
    );
    for (const [service, { lifted, version }] of undone) await publishDecisions(this.context, service, lifted, version);
    await this.publish(changedOf(results));
    return results;
  }

  /** The change stands, whether or not the pages hear of it at once. */
  private async publish(alerts: readonly Alert[]): Promise<void> {
    const { redis, env, log } = this.context;
    try {
      const services = new Set(alerts.map((alert) => alert.service));
      await Promise.all([
        ...[...services].map((service) => announceRisks(redis, env.PLIMSOLL_NAMESPACE, service)),
        ...alerts.map((alert) => publishLive(redis, env.PLIMSOLL_NAMESPACE, { type: 'alert', alert })),
      ]);
    } catch (err) {
      log.warn({ err, alerts: alerts.length }, 'alerts not published');
    }
  }
}

const missing = () => new ProblemError('not-found', 'There is no such alert.');
const faulty = (field: string, reason: string) =>
  new ProblemError('invalid-body', 'Some fields are not as they must be.', { errors: [{ field, reason }] });

const changedOf = (results: readonly TriageResult[]): Alert[] =>
  results.flatMap((result) => (result.type === 'changed' ? [result.alert] : []));

/** A result for each alert of the call: of what the caller may not see, the one of what is not there. */
function inOrder(targets: readonly Target[], results: readonly TriageResult[], denied: ReadonlySet<string>): TriageResult[] {
  const byId = new Map(results.map((result) => [result.id, result]));
  return targets.map(({ id }) => byId.get(id) ?? { type: denied.has(id) ? 'denied' : 'missing', id });
}

function allChanged(results: TriageResult[]): TriageResult[] {
  for (const { type } of results) {
    if (type === 'missing') throw missing();
    if (type !== 'changed') throw new ProblemError('conflict', 'This alert has been resolved.');
  }
  return results;
}

function futureOnly(act: TriageAct, now: number): void {
  if ('until' in act && act.until !== undefined && act.until <= now) throw faulty('body.until', 'a time to come');
}

/** The act with the person that it names. */
async function resolved(tx: Transaction, act: TriageAct): Promise<Act> {
  if (act.type !== 'assign') return act;
  if (act.assignee === null) return { type: 'assign', assignee: null };
  const assignee = await findAssignee(tx, act.assignee);
  if (assignee === undefined) throw faulty('body.act.assignee', 'the id of somebody who can sign in');
  return { type: 'assign', assignee };
}

/** What was judged harmless holds nobody back any longer. That the caller may lift it was asked before (access/resources.ts). */
async function consequences(
  tx: Transaction,
  act: TriageAct,
  alerts: readonly Alert[],
  { person: { name: personName } }: Caller,
  now: number,
): Promise<Undone> {
  const undone: Undone = new Map();
  if (act.type !== 'resolve' || !clearsSubject(act.verdict)) return undone;
  for (const { service, id } of alerts) {
    const { version, lifted } = await liftOfAlert(tx, service, id, { personName, now });
    const before = undone.get(service);
    undone.set(service, { version: Math.max(version, before?.version ?? 0), lifted: [...(before?.lifted ?? []), ...lifted] });
  }
  return undone;
}

function deedOf(act: TriageAct, results: readonly TriageResult[], undone: Undone) {
  const { type, ...detail } = act;
  const changed = changedOf(results);
  const ids = changed.map(({ id }) => id);
  const lifted = [...undone.values()].flatMap((each) => each.lifted.map(({ id }) => id));
  const one = results.length === 1 ? results[0]?.id : undefined;
  return {
    action: `alert.${type}`,
    object: one ?? 'many',
    ...(one !== undefined && changed[0] && sideOf(changed[0])),
    ...('note' in act && { reason: act.note }),
    detail: { ...detail, ...(one === undefined && { alerts: ids }), ...(lifted.length > 0 && { lifted }) },
  };
}

const sideOf = ({ service, subject, state, verdict }: Alert) => ({ service, after: { subject, state, verdict } });
