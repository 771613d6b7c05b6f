/** Alerts: the list, one in full, acknowledge, resolve. */
import { Controller } from '@nestjs/common';
import type { Alert } from '@plimsoll/contracts';
import {
  type AlertChange,
  acknowledgeAlert,
  announceRisks,
  type Lifted,
  liftOfAlert,
  listAlerts,
  publishLive,
  readAlert,
  resolveAlert,
} from '@plimsoll/storage';
import { classOfAlert, classOfDecision, type Sight, SightOf } from '../access/sight.js';
import { type Caller, CallerOf } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { change } from './change.js';
import { readCursor } from './lists.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';
import { publishDecisions } from './publish.js';

@Controller()
export class AlertsController {
  constructor(@InjectContext() private readonly context: Context) {}

  @Implements('alerts')
  async alerts(@Input() { query }: InputOf<'alerts'>, @SightOf() sight: Sight): AnswerOf<'alerts'> {
    const filter = { ...query, within: sight.within(), cursor: readCursor(query.cursor) };
    const page = await listAlerts(this.context.db, filter);
    return { ...page, items: page.items.filter((alert) => sight.alert(classOfAlert(alert))) };
  }

  @Implements('alert')
  async alert(@Input() { params }: InputOf<'alert'>, @SightOf() sight: Sight): AnswerOf<'alert'> {
    const detail = await readAlert(this.context.db, params.id);
    if (detail === undefined) throw missing();
    return { ...detail, decisions: detail.decisions.filter((decision) => sight.decision(classOfDecision(decision))) };
  }

  @Implements('acknowledge')
  async acknowledge(@Input() { params, body }: InputOf<'acknowledge'>, @CallerOf() caller: Caller): AnswerOf<'acknowledge'> {
    const alert = await change(
      this.context,
      caller,
      async (tx, now) => changed(await acknowledgeAlert(tx, params.id, { by: caller.person.name, note: body.note, now })),
      () => ({ action: 'alert.acknowledge', object: params.id, detail: body }),
    );
    return this.publish(alert);
  }

  @Implements('resolve')
  async resolve(@Input() { params, body }: InputOf<'resolve'>, @CallerOf() caller: Caller): AnswerOf<'resolve'> {
    const personName = caller.person.name;
    const { alert, version, lifted } = await change(
      this.context,
      caller,
      async (tx, now) => {
        const resolved = changed(await resolveAlert(tx, params.id, { by: personName, ...body, now }));
        const stands = body.verdict === 'true-positive';
        const undone = stands ? UNDONE_NOTHING : await liftOfAlert(tx, resolved.service, resolved.id, { personName, now });
        return { alert: resolved, ...undone };
      },
      (result) => ({
        action: 'alert.resolve',
        object: params.id,
        detail: { ...body, ...(result.lifted.length > 0 ? { lifted: result.lifted.map(({ id }) => id) } : {}) },
      }),
    );
    await publishDecisions(this.context, alert.service, lifted, version);
    return this.publish(alert);
  }

  /** The change stands, whether or not the pages hear of it at once. */
  private async publish(alert: Alert): Promise<Alert> {
    const { redis, env, log } = this.context;
    try {
      await announceRisks(redis, env.PLIMSOLL_NAMESPACE, alert.service);
      await publishLive(redis, env.PLIMSOLL_NAMESPACE, { type: 'alert', alert });
    } catch (err) {
      log.warn({ err, alertId: alert.id }, 'alert not published');
    }
    return alert;
  }
}

const UNDONE_NOTHING: Lifted = { version: 0, lifted: [] };

const missing = () => new ProblemError('not-found', 'There is no such alert.');

function changed(outcome: AlertChange): Alert {
  if (outcome.type === 'missing') throw missing();
  if (outcome.type === 'unchanged') throw new ProblemError('conflict', 'This alert has been resolved.');
  return outcome.alert;
}
