/** Alerts as people read them: the list, one in full, its history, what is related to it. */
import { Controller } from '@nestjs/common';
import { alertHistory, campaignSizes, countQueue, listAlerts, readAlert, relatedAlerts } from '@plimsoll/storage';
import { classOfAlert, classOfDecision, type Sight, SightOf } from '../access/sight.js';
import { type Caller, CallerOf } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { readCursor } from './lists.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';

@Controller()
export class AlertsController {
  constructor(@InjectContext() private readonly context: Context) {}

  @Implements('alerts')
  async alerts(
    @Input() { query }: InputOf<'alerts'>,
    @CallerOf() { person }: Caller,
    @SightOf() sight: Sight,
  ): AnswerOf<'alerts'> {
    const { mentioned, assignee, cursor, ...rest } = query;
    const page = await listAlerts(this.context.db, {
      ...rest,
      within: sight.within(),
      assignee: assignee === 'me' ? person.id : assignee,
      mentions: mentioned && person.id,
      unanswered: mentioned === 'unanswered',
      cursor: readCursor(cursor),
    });
    return { ...page, items: page.items.filter((alert) => sight.alert(classOfAlert(alert))) };
  }

  @Implements('alertCounts')
  alertCounts(@SightOf() sight: Sight): AnswerOf<'alertCounts'> {
    return countQueue(this.context.db, { within: sight.within(), alert: sight.alert });
  }

  @Implements('campaignSizes')
  async campaignSizes(@Input() { query }: InputOf<'campaignSizes'>, @SightOf() sight: Sight): AnswerOf<'campaignSizes'> {
    return { items: await campaignSizes(this.context.db, query, { within: sight.within(), alert: sight.alert }) };
  }

  @Implements('alert')
  async alert(@Input() { params }: InputOf<'alert'>, @SightOf() sight: Sight): AnswerOf<'alert'> {
    const detail = found(await readAlert(this.context.db, params.id));
    return { ...detail, decisions: detail.decisions.filter((decision) => sight.decision(classOfDecision(decision))) };
  }

  @Implements('alertHistory')
  async alertHistory(@Input() { params }: InputOf<'alertHistory'>): AnswerOf<'alertHistory'> {
    return { items: found(await alertHistory(this.context.db, params.id)) };
  }

  @Implements('relatedAlerts')
  async relatedAlerts(@Input() { params }: InputOf<'relatedAlerts'>, @SightOf() sight: Sight): AnswerOf<'relatedAlerts'> {
    const items = found(await relatedAlerts(this.context.db, params.id));
    return { items: items.filter((alert) => sight.alert(classOfAlert(alert))) };
  }
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new ProblemError('not-found', 'There is no such alert.');
  return value;
}
