/** The part of the admin API that asks the history what other settings, or one decision, would have done. */
import { z } from 'zod';
import { backtestDetailSchema, backtestSchema } from './backtest.js';
import { harmPreviewSchema, harmQuestionSchema } from './harm-preview.js';
import { cursorQuery, idParam, operation, page } from './operation.js';
import { policyModeSchema } from './policy.js';
import { settingsPatchSchema } from './settings.js';
import { epochMs, serviceId } from './text.js';

const days = z.number().min(0.01).max(90);

export const backtestOperations = {
  backtests: operation({
    action: 'backtest.read',
    method: 'GET',
    path: '/api/backtests',
    tag: 'history',
    summary: 'Backtests, newest first',
    query: z.strictObject({ ...cursorQuery, service: serviceId.optional() }),
    response: page(backtestSchema),
    status: 200,
  }),
  createBacktest: operation({
    action: 'backtest.run',
    method: 'POST',
    path: '/api/backtests',
    tag: 'history',
    summary: 'Run other settings over the history of a service; one runs at a time, others wait',
    body: z
      .strictObject({
        service: serviceId,
        /** Back from now; or from and to. */
        days: days.optional(),
        from: epochMs.optional(),
        to: epochMs.optional(),
        /** What differs from the present settings, as in a change of the service. */
        settings: settingsPatchSchema.default({}),
        /** Default: the present one of the service. */
        policy: policyModeSchema.optional(),
        /** History to learn from before, where there is no copy of the baselines. */
        warmUpDays: z.number().min(0).max(30).default(7),
      })
      .refine(
        ({ days: back, from, to }) => (back === undefined) !== (from === undefined) && (from !== undefined || to === undefined),
        {
          message: 'either days, or from and to',
        },
      )
      .refine(({ from, to }) => from === undefined || to === undefined || from < to, { path: ['to'], message: 'after from' }),
    response: backtestSchema,
    status: 201,
  }),
  backtest: operation({
    action: 'backtest.read',
    method: 'GET',
    path: '/api/backtests/{id}',
    tag: 'history',
    summary: 'One backtest: how far it is, and its result when it is done',
    params: idParam,
    response: backtestDetailSchema,
    status: 200,
  }),
  cancelBacktest: operation({
    action: 'backtest.run',
    method: 'DELETE',
    path: '/api/backtests/{id}',
    tag: 'history',
    summary: 'Cancel a backtest that waits or runs',
    params: idParam,
    response: backtestSchema,
    status: 200,
  }),
  harmPreview: operation({
    action: 'backtest.read',
    method: 'POST',
    path: '/api/harm-preview',
    tag: 'history',
    summary: 'Whom one limit or one decision would have hit in the last days, with what people found of them',
    body: z.strictObject({
      service: serviceId,
      days: days.default(7),
      would: harmQuestionSchema,
    }),
    response: harmPreviewSchema,
    status: 200,
  }),
} as const;
