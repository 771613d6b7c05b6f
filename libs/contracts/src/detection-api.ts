/** The part of the admin API that is about how well detection works in a service: by kind, by budget, by drift. */
import { z } from 'zod';
import { alertKindSchema } from './alert.js';
import { idParam, operation } from './operation.js';
import { kindModeSchema } from './settings.js';
import { epochMs } from './text.js';

export const kindReportSchema = z.object({
  kind: alertKindSchema,
  /** By the settings of the service. */
  mode: kindModeSchema,
  /** Since when it is at monitor because its alerts were mostly false; null where it is not. */
  demotedAt: epochMs.nullable(),
  /** Alerts that opened within the days of the report. */
  opened: z.int(),
  confirmed: z.int(),
  falseAlarms: z.int(),
  /** Expected changes: neither. */
  expected: z.int(),
  /** Share of the confirmed ones; null while none was judged. `low`, `high`: Wilson's interval at 95 %. */
  precision: z.number().nullable(),
  low: z.number(),
  high: z.number(),
});
export type KindReport = z.infer<typeof kindReportSchema>;

/** Mean peak of everybody's minutes on an endpoint, then and now. */
export const baselineDriftSchema = z.object({
  endpoint: z.string(),
  windowSeconds: z.number(),
  since: epochMs,
  before: z.number(),
  now: z.number(),
});
export type BaselineDrift = z.infer<typeof baselineDriftSchema>;

export const detectionReportSchema = z.object({
  days: z.int(),
  /** Below it, and certainly so, a kind is demoted. */
  floor: z.number(),
  kinds: z.array(kindReportSchema),
  /** Alerts of low and medium severity of the last 24 hours, the budget (0: none) and by how much limits are stretched for it. */
  budget: z.object({ opened: z.int(), budget: z.int(), stretch: z.number() }),
  /** What moved most first. */
  drift: z.array(baselineDriftSchema),
});
export type DetectionReport = z.infer<typeof detectionReportSchema>;

export const detectionOperations = {
  detection: operation({
    action: 'service.read',
    method: 'GET',
    path: '/api/services/{id}/detection',
    tag: 'services',
    summary: 'How well detection works: precision of each kind by the verdicts, the alert budget, drift of the baselines',
    params: idParam,
    response: detectionReportSchema,
    status: 200,
  }),
  restoreKind: operation({
    action: 'service.update',
    method: 'POST',
    path: '/api/services/{id}/detection/restore',
    tag: 'services',
    summary: 'Let policies act on a demoted kind again; only verdicts from then on can demote it anew',
    params: idParam,
    body: z.strictObject({ kind: alertKindSchema }),
    response: detectionReportSchema,
    status: 200,
    danger: 'step-up',
  }),
} as const;
