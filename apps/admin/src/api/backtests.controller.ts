/** Backtests and harm preview: what other settings, one limit or one decision would have done. Nothing of it is enforced. */
import { Controller } from '@nestjs/common';
import { type ParsedBody, type Service, settingsSchema } from '@plimsoll/contracts';
import {
  BacktestQueue,
  cancelBacktest,
  createBacktest,
  getService,
  listBacktests,
  MOST_WAITING,
  MOST_WAITING_EACH,
  previewHarm,
  readBacktest,
} from '@plimsoll/storage';
import { type Sight, SightOf } from '../access/sight.js';
import { type Caller, CallerOf } from '../auth/guards.js';
import { type Context, InjectContext } from '../context.js';
import { ProblemError } from '../http/problem.js';
import { change } from './change.js';
import { askHistory } from './history-answers.js';
import { readCursor } from './lists.js';
import { type AnswerOf, Implements, Input, type InputOf } from './operation.js';

const DAY_MS = 86_400_000;

@Controller()
export class BacktestsController {
  readonly #queue: BacktestQueue;

  constructor(@InjectContext() private readonly context: Context) {
    this.#queue = new BacktestQueue(context.redis, context.env.PLIMSOLL_NAMESPACE);
  }

  async onModuleDestroy(): Promise<void> {
    await this.#queue.close().catch(() => {});
  }

  @Implements('backtests')
  backtests(@Input() { query }: InputOf<'backtests'>, @SightOf() sight: Sight): AnswerOf<'backtests'> {
    return listBacktests(this.context.db, { ...query, within: sight.within('backtest.read'), cursor: readCursor(query.cursor) });
  }

  @Implements('backtest')
  async backtest(@Input() { params }: InputOf<'backtest'>): AnswerOf<'backtest'> {
    const detail = await readBacktest(this.context.db, params.id);
    if (detail === undefined) throw new ProblemError('not-found', 'There is no such backtest.');
    return detail;
  }

  @Implements('createBacktest')
  async create(@Input() { body }: InputOf<'createBacktest'>, @CallerOf() caller: Caller): AnswerOf<'createBacktest'> {
    await askHistory(this.context, (history) => history.client.ping({ select: true }).then(orThrow));
    const asked = await change(
      this.context,
      caller,
      async (tx, now) => {
        const { settings, policy } = found(await getService(tx, body.service));
        const draft = {
          ...timesOf(body, now),
          patch: body.settings,
          settings: settingsSchema.parse({ ...settings, ...body.settings }),
        };
        const { service, warmUpDays } = body;
        const by = caller.person.name;
        const made = await createBacktest(tx, { service, ...draft, policy: body.policy ?? policy, warmUpDays, by }, now);
        if (made.type === 'created') return made.backtest;
        const whose = made.type === 'full' ? `${MOST_WAITING} backtests` : `${MOST_WAITING_EACH} backtests of ${by}`;
        throw new ProblemError('too-many-requests', `${whose} wait already. Cancel some, or wait.`);
      },
      ({ id, from, to }) => ({
        action: 'backtest.create',
        object: id,
        detail: { service: body.service, from, to, settings: body.settings },
      }),
    );
    // Where Redis is away, a worker finds the row within the minute.
    await this.#queue
      .add([asked.id])
      .catch((err) => this.context.log.warn({ err }, 'backtest not queued; found by its row later'));
    return asked;
  }

  @Implements('cancelBacktest')
  cancel(@Input() { params }: InputOf<'cancelBacktest'>, @CallerOf() caller: Caller): AnswerOf<'cancelBacktest'> {
    return change(
      this.context,
      caller,
      async (tx, now) => cancelled(await cancelBacktest(tx, params.id, now)),
      ({ id, service }) => ({ action: 'backtest.cancel', object: id, detail: { service } }),
    );
  }

  @Implements('harmPreview')
  async harm(@Input() { body }: InputOf<'harmPreview'>, @CallerOf() caller: Caller): AnswerOf<'harmPreview'> {
    const { service, days, would } = body;
    const to = this.context.now();
    const preview = await change(
      this.context,
      caller,
      async (tx) => found(await getService(tx, service)),
      () => ({ action: 'harm.preview', object: service, detail: { days, would } }),
    ).then(({ id }) =>
      askHistory(this.context, (history) =>
        previewHarm({ db: this.context.db, history }, { service: id, from: Math.round(to - days * DAY_MS), to: to + 1 }, would),
      ),
    );
    return preview;
  }
}

function timesOf({ days, from, to }: ParsedBody<'createBacktest'>, now: number): { from: number; to: number } {
  const end = Math.min(to ?? now, now);
  const begin = from ?? Math.round(end - (days ?? 1) * DAY_MS);
  if (begin < end) return { from: begin, to: end };
  const errors = [{ field: 'body.from', reason: 'must be in the past, and before to' }];
  throw new ProblemError('bad-request', 'There is no time to go through.', { errors });
}

function found(service: Service | undefined): Service {
  if (service === undefined) throw new ProblemError('not-found', 'There is no such service.');
  return service;
}

function cancelled(outcome: Awaited<ReturnType<typeof cancelBacktest>>) {
  if (outcome.type === 'missing') throw new ProblemError('not-found', 'There is no such backtest.');
  if (outcome.type === 'over') throw new ProblemError('conflict', 'This backtest has ended.');
  return outcome.backtest;
}

/** A ping tells of an error instead of throwing it. */
function orThrow(answer: { success: true } | { success: false; error: Error }): void {
  if (!answer.success) throw answer.error;
}
