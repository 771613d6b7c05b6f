/** Alerts: the deduplicated record for people. One unresolved alert a service, kind, subject and endpoint. */
import { z } from 'zod';
import { alertKinds, alertStates, alertVerdicts, severities } from './names.js';
import { type Subject, subjectSchema } from './subject.js';
import { epochMs, serviceId } from './text.js';

export const alertKindSchema = z.enum(alertKinds);
export type AlertKind = z.infer<typeof alertKindSchema>;

export const severitySchema = z.enum(severities);
export type Severity = z.infer<typeof severitySchema>;

export const alertStateSchema = z.enum(alertStates);
export type AlertState = z.infer<typeof alertStateSchema>;

export const alertVerdictSchema = z.enum(alertVerdicts);
export type AlertVerdict = z.infer<typeof alertVerdictSchema>;
/** Nobody was attacked: what policies hold because of the alert is lifted. */
export const clearsSubject = (verdict: AlertVerdict): boolean => verdict !== 'true-positive';

/** A person's verdict on its way back to the model that raised the alert. */
export interface VerdictReport {
  alertId: string;
  service: string;
  kind: AlertKind;
  subject: Subject;
  endpoint: string | null;
  verdict: AlertVerdict;
  /** When the alert opened, and when it was judged; milliseconds since the epoch. */
  openedAt: number;
  judgedAt: number;
  historical: boolean;
  /** Where the alert was at its worst: its distance from the expectation, in distances of the limit. Absent: 1. */
  reach?: number;
  /** Requests that the alert counted. Absent: unknown. */
  requests?: number;
}

/** One measure's surprise. `score` is 0..1. */
export const signalSchema = z.object({ name: z.string(), observed: z.number(), expected: z.number(), score: z.number() });
export type Signal = z.infer<typeof signalSchema>;

/** One step of a kind's table: from so many limits on, observed over limit, an alert is so grave. */
export const severityStepSchema = z.object({ from: z.number(), severity: severitySchema });
export type SeverityStep = z.infer<typeof severityStepSchema>;

/** What stands behind an expectation: `own` and `population` count observed windows, `weight` (0..1) is the own share. */
export const evidenceSchema = z.object({ own: z.number(), population: z.number(), weight: z.number() });
export type Evidence = z.infer<typeof evidenceSchema>;

/**
 * One point of an alert's chart: the same unit and window as the alert. `population`: what everybody there does; absent where the
 * subject is not compared with others, or none was seen yet.
 */
export const alertPointSchema = z.object({
  ts: epochMs,
  observed: z.number(),
  expected: z.number(),
  limit: z.number(),
  population: z.number().optional(),
});
export type AlertPoint = z.infer<typeof alertPointSchema>;

/**
 * What an alert was when it was snoozed until it differs: its severity and measure, how many took part, and the kinds and
 * endpoints of all unresolved alerts about its subject.
 */
export const snoozeSeenSchema = z.object({
  severity: severitySchema,
  observed: z.number(),
  unit: z.string(),
  windowSeconds: z.number(),
  actors: z.int(),
  addresses: z.int(),
  kinds: z.array(z.string()),
  endpoints: z.array(z.string()),
});
export type SnoozeSeen = z.infer<typeof snoozeSeenSchema>;

export const alertSchema = z.object({
  id: z.string(),
  /** Counts what people and the clock did to it. */
  version: z.int(),
  service: serviceId,
  kind: alertKindSchema,
  severity: severitySchema,
  score: z.number(),
  subject: subjectSchema,
  /** `METHOD /route/:param`, or null where the alert is not about one endpoint. */
  endpoint: z.string().nullable(),
  observed: z.number(),
  expected: z.number(),
  limit: z.number(),
  unit: z.string(),
  windowSeconds: z.number(),
  evidence: evidenceSchema,
  explanation: z.string(),
  signals: z.array(signalSchema),
  state: alertStateSchema,
  verdict: alertVerdictSchema.nullable(),
  /** From late or historical logs: nothing was enforced because of it. */
  historical: z.boolean(),
  /** Requests that took part. */
  count: z.int(),
  firstAt: epochMs,
  lastAt: epochMs,
  /** When the behaviour stopped, by the model; null while it goes on. */
  endedAt: epochMs.nullable(),
  acknowledgedAt: epochMs.nullable(),
  acknowledgedBy: z.string().nullable(),
  resolvedAt: epochMs.nullable(),
  resolvedBy: z.string().nullable(),
  note: z.string().nullable(),
  /** When it opens again by itself: an acknowledgement runs out, a snooze ends. */
  until: epochMs.nullable(),
  /** `seen` where it comes back when it differs; null where only a time counts. */
  snooze: z.object({ by: z.string(), at: epochMs, seen: snoozeSeenSchema.nullable() }).nullable(),
  assignee: z.object({ id: z.string(), name: z.string() }).nullable(),
  /** Id of the alert about the campaign that its subject takes part in. */
  campaign: z.string().nullable(),
  /** More than one actor or address took part: alerts about them belong to it. */
  leads: z.boolean(),
  /** When its actor last proved itself to the host since it opened: evidence for a false positive, not the verdict. */
  provedAt: epochMs.nullable(),
});
export type Alert = z.infer<typeof alertSchema>;
