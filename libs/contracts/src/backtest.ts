/**
 * Backtests: the model over the history with other settings, and what would have come of it, beside what did. An alert is
 * told by its kind, subject and endpoint; two are the same where these are and their times touch.
 */
import { z } from 'zod';
import { alertKindSchema, alertVerdictSchema, severitySchema } from './alert.js';
import { decisionActionSchema, enforceableSubjectSchema } from './decision.js';
import { policyModeSchema } from './policy.js';
import { settingsPatchSchema } from './settings.js';
import { subjectSchema } from './subject.js';
import { epochMs, serviceId } from './text.js';

export const backtestStateSchema = z.enum(['queued', 'running', 'done', 'failed', 'cancelled']);
export type BacktestState = z.infer<typeof backtestStateSchema>;

/** An alert that only one side has, or both. */
export const comparedAlertSchema = z.object({
  kind: alertKindSchema,
  subject: subjectSchema,
  endpoint: z.string().nullable(),
  severity: severitySchema,
  /** Of the live alert, where both have it and it was another. */
  severityBefore: severitySchema.optional(),
  openedAt: epochMs,
  requests: z.int(),
  explanation: z.string(),
  /** Of the live alert; absent where there was none. */
  alertId: z.string().optional(),
  /** What a person found of the live alert; null where nobody has judged it. */
  verdict: alertVerdictSchema.nullable(),
});
export type ComparedAlert = z.infer<typeof comparedAlertSchema>;

/** A decision that only one side has. */
export const comparedDecisionSchema = z.object({
  action: decisionActionSchema,
  subject: enforceableSubjectSchema,
  endpoint: z.string().nullable(),
  kind: alertKindSchema.nullable(),
  decidedAt: epochMs,
  until: epochMs,
  reason: z.string(),
  verdict: alertVerdictSchema.nullable(),
});
export type ComparedDecision = z.infer<typeof comparedDecisionSchema>;

/** Entries, the earliest first, at most {@link MAX_COMPARED}, and how many there are. */
const compared = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), total: z.int() });
export const MAX_COMPARED = 500;

/** How the model came to know what is normal before the first judged request. */
export const warmUpSchema = z.discriminatedUnion('from', [
  /** A copy of the baselines of this time, and the history from there on. */
  z.object({ from: z.literal('snapshot'), at: epochMs, requests: z.int() }),
  /** The history before, this far back; it may hold less than was asked for. */
  z.object({ from: z.literal('history'), at: epochMs, requests: z.int() }),
  z.object({ from: z.literal('nothing') }),
]);
export type WarmUp = z.infer<typeof warmUpSchema>;

export const kindCountsSchema = z.object({
  kind: alertKindSchema,
  live: z.int(),
  backtest: z.int(),
  come: z.int(),
  go: z.int(),
});

export const backtestResultSchema = z.object({
  requests: z.int(),
  warmUp: warmUpSchema,
  /** Of requests that are missing in the history of that time. */
  missing: z.int(),
  /** Kinds of which either side has an alert. */
  kinds: z.array(kindCountsSchema),
  alerts: z.object({
    come: compared(comparedAlertSchema),
    go: compared(comparedAlertSchema),
    /** On both sides, with another severity. */
    change: compared(comparedAlertSchema),
    stay: z.int(),
  }),
  decisions: z.object({ come: compared(comparedDecisionSchema), go: compared(comparedDecisionSchema), stay: z.int() }),
  /** Requests that bouncers refused, and that they would have refused. */
  refused: z.object({ live: z.int(), backtest: z.int() }),
  /** Alerts and decisions of either side that were too many to be compared; absent where none was. */
  cut: z.int().optional(),
  seconds: z.number(),
  requestsPerSecond: z.number(),
});
export type BacktestResult = z.infer<typeof backtestResultSchema>;

export const backtestSchema = z.object({
  id: z.string(),
  service: serviceId,
  state: backtestStateSchema,
  from: epochMs,
  to: epochMs,
  /** What differs from the settings that held when it was asked for. */
  settings: settingsPatchSchema,
  policy: policyModeSchema,
  warmUpDays: z.number(),
  createdAt: epochMs,
  createdBy: z.string(),
  startedAt: epochMs.nullable(),
  endedAt: epochMs.nullable(),
  progress: z.object({
    /** 0..1, of the requests to go through, those of the warm-up among them. */
    share: z.number(),
    requests: z.int(),
    /** When it will be done; null before enough of it is. */
    endsAt: epochMs.nullable(),
  }),
  /** Why it failed. */
  fault: z.string().nullable(),
});
export type Backtest = z.infer<typeof backtestSchema>;

export const backtestDetailSchema = z.object({ backtest: backtestSchema, result: backtestResultSchema.nullable() });
export type BacktestDetail = z.infer<typeof backtestDetailSchema>;
