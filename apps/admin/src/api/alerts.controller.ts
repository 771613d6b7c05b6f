/** Alerts: the list, one in full, acknowledge, resolve. */
import { Controller } from '@nestjs/common';
import type { Alert } from '@plimsoll/contracts';
import {
  type AlertChange,
  acknowledgeAlert,
  announceRisks,
  listAlerts,
  publishLive,
  readAlert,
  resolveAlert,
} from '@plimsoll/storage';
import { type Caller, CallerOf } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { change } from './change.js';
import { readCursor } from './lists.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';

@Controller()
export class AlertsController {
  constructor(@InjectContext() private readonly context: Context) {}

  @Implements('alerts')
  alerts(@Input() { query }: InputOf<'alerts'>): AnswerOf<'alerts'> {
    return listAlerts(this.context.db, { ...query, cursor: readCursor(query.cursor) });
  }

  @Implements('alert')
  async alert(@Input() { params }: InputOf<'alert'>): AnswerOf<'alert'> {
    const detail = await readAlert(this.context.db, params.id);
    if (detail === undefined) throw missing();
    return detail;
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
    const alert = await change(
      this.context,
      caller,
      async (tx, now) => changed(await resolveAlert(tx, params.id, { by: caller.person.name, ...body, now })),
      () => ({ action: 'alert.resolve', object: params.id, detail: body }),
    );
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

const missing = () => new ProblemError('not-found', 'There is no such alert.');

function changed(outcome: AlertChange): Alert {
  if (outcome.type === 'missing') throw missing();
  if (outcome.type === 'unchanged') throw new ProblemError('conflict', 'This alert has been resolved.');
  return outcome.alert;
}
