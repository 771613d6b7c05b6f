/** How well detection works in a service, and a person's word that a demoted kind is to be believed again. */
import { Controller } from '@nestjs/common';
import { alertKinds, type DetectionReport, type Service } from '@plimsoll/contracts';
import {
  countOpened,
  countOpenedByKind,
  countVerdicts,
  getService,
  listDemotions,
  precisionReport,
  readDrift,
  restoreKind,
} from '@plimsoll/storage';
import { type Caller, CallerOf } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { change } from './change.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';

const DAY_MS = 86_400_000;

@Controller()
export class DetectionController {
  constructor(@InjectContext() private readonly context: Context) {}

  @Implements('detection')
  detection(@Input() { params }: InputOf<'detection'>): AnswerOf<'detection'> {
    return this.report(params.id);
  }

  @Implements('restoreKind')
  async restoreKind(@Input() { params, body }: InputOf<'restoreKind'>, @CallerOf() caller: Caller): AnswerOf<'restoreKind'> {
    await this.found(params.id);
    await change(
      this.context,
      caller,
      async (tx, now) => {
        if (await restoreKind(tx, params.id, body.kind, caller.person.name, now)) return;
        throw new ProblemError('conflict', 'This kind is not demoted, or no longer.');
      },
      () => ({ action: 'kind.restore', object: body.kind, service: params.id, after: body }),
    );
    return this.report(params.id);
  }

  private async report(id: string): Promise<DetectionReport> {
    const service = await this.found(id);
    const { db, redis, env, now } = this.context;
    const at = now();
    const [verdicts, demotions, byKind, opened, drift] = await Promise.all([
      countVerdicts(db, at, id),
      listDemotions(db, id),
      countOpenedByKind(db, id, at),
      countOpened(db, at - DAY_MS),
      readDrift(db, redis, { namespace: env.PLIMSOLL_NAMESPACE, service: id, now: at }),
    ]);
    const { kinds, alertBudget } = service.settings;
    const report = precisionReport(verdicts, { opened: opened.get(id) ?? 0, budget: alertBudget });
    return {
      ...report,
      kinds: alertKinds.map((kind) => ({
        ...report.of(kind),
        kind,
        mode: kinds[kind] ?? 'on',
        demotedAt: demotions.find((one) => one.kind === kind)?.demotedAt ?? null,
        opened: byKind.get(kind) ?? 0,
      })),
      drift,
    };
  }

  private async found(id: string): Promise<Service> {
    const service = await getService(this.context.db, id);
    if (service === undefined) throw new ProblemError('not-found', 'There is no such service.');
    return service;
  }
}
