/** What the admin API answers with beside alerts, decisions and services. */
import { z } from 'zod';
import { alertKindSchema, alertPointSchema, alertSchema, severitySchema, severityStepSchema } from './alert.js';
import { decisionSchema, enforceableSubjectSchema } from './decision.js';
import { verdictSchema } from './request-log.js';
import { epochMs, serviceId } from './text.js';

export const personSchema = z.object({ id: z.string(), name: z.string(), role: z.enum(['owner', 'analyst', 'viewer']) });
export type Person = z.infer<typeof personSchema>;

/**
 * `accessToken` (for this API) and `liveToken` (for the socket) are ES256 JWTs of 15 minutes, bound to the key that proved the
 * request (DPoP); the refresh token travels in an HttpOnly cookie only.
 */
export const sessionSchema = z.object({
  accessToken: z.string(),
  liveToken: z.string(),
  expiresAt: epochMs,
  person: personSchema,
});
export type Session = z.infer<typeof sessionSchema>;

/** One of the last requests that led to an alert. */
export const alertRequestSchema = z.object({
  id: z.string(),
  ts: epochMs,
  method: z.string(),
  path: z.string(),
  endpoint: z.string(),
  status: z.int(),
  durationMs: z.number(),
  bytesOut: z.number(),
  ip: z.string(),
  userAgent: z.string(),
  actor: z.string().nullable(),
  verdict: verdictSchema,
});
export type AlertRequest = z.infer<typeof alertRequestSchema>;

/** Who took part in an alert: those that were kept, oldest first, and how many there were. */
export const partiesSchema = z.object({ items: z.array(z.string()), total: z.int() });
export type Parties = z.infer<typeof partiesSchema>;

export const alertDetailSchema = z.object({
  alert: alertSchema,
  actors: partiesSchema,
  addresses: partiesSchema,
  points: z.array(alertPointSchema),
  /** By which its severity was found, the lowest first; it keeps the worst that it ever was. */
  severitySteps: z.array(severityStepSchema),
  requests: z.array(alertRequestSchema),
  decisions: z.array(decisionSchema),
});
export type AlertDetail = z.infer<typeof alertDetailSchema>;

export const trafficPointSchema = z.object({
  /** Start of the bucket. */
  ts: epochMs,
  requests: z.int(),
  errors: z.int(),
  clientErrors: z.int(),
  throttled: z.int(),
  blocked: z.int(),
  durationMsMean: z.number(),
});
export type TrafficPoint = z.infer<typeof trafficPointSchema>;

export const overviewSchema = z.object({
  openAlerts: z.int(),
  acknowledgedAlerts: z.int(),
  /** Decisions in force. */
  throttled: z.int(),
  challenged: z.int(),
  blocked: z.int(),
  /** Blocks that wait for a person. */
  pending: z.int(),
  /** Of the open alerts. */
  bySeverity: z.record(severitySchema, z.int()),
  /** The same by kind; a kind without an open alert is absent. */
  byKind: z.array(z.object({ kind: alertKindSchema, bySeverity: z.record(severitySchema, z.int()) })),
  services: z.array(z.object({ id: serviceId, requestsLastMinute: z.int(), openAlerts: z.int() })),
});
export type Overview = z.infer<typeof overviewSchema>;

/** What policies would have done. A subject that would have been throttled and blocked counts in both. */
export const dryRunSchema = z.object({
  since: epochMs,
  /** Distinct subjects. */
  blocked: z.int(),
  throttled: z.int(),
  /** The latest first, at most 100. */
  subjects: z.array(
    z.object({
      subject: enforceableSubjectSchema,
      /** Decisions. */
      blocks: z.int(),
      throttles: z.int(),
      lastAt: epochMs,
      /** Of the last one. */
      alertId: z.string().nullable(),
      reason: z.string(),
    }),
  ),
});
export type DryRun = z.infer<typeof dryRunSchema>;

export const endpointSummarySchema = z.object({
  endpoint: z.string(),
  requests: z.int(),
  errors: z.int(),
  clientErrors: z.int(),
  throttled: z.int(),
  blocked: z.int(),
  durationMsMean: z.number(),
  /** Of the minutes that the roll-ups still hold. */
  firstAt: epochMs,
  lastAt: epochMs,
});
export type EndpointSummary = z.infer<typeof endpointSummarySchema>;
