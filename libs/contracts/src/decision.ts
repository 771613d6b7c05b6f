/** Decisions: orders for machines. They are versioned per service; a lift is a new version of the same decision. */
import { z } from 'zod';
import { subjectSchema } from './subject.js';
import { epochMs, serviceId } from './text.js';

/** What a bouncer is told to do. challenge: an actor's requests are refused until the host says that its user has proved itself. */
export const decisionActionSchema = z.enum(['throttle', 'challenge', 'block']);
export type DecisionAction = z.infer<typeof decisionActionSchema>;

/** Only these can be enforced by a bouncer. */
export const enforceableSubjectSchema = subjectSchema.extend({ type: z.enum(['actor', 'address', 'credential']) });
export type EnforceableSubject = z.infer<typeof enforceableSubjectSchema>;

/** Bouncers leave out a decision with numbers beyond these, so none may be made. */
const rateNumber = z.number().min(1e-6).max(1e9);

/** A throttle lets `requests` pass in `windowSeconds`, evenly (GCRA). */
export const rateLimitSchema = z.object({ requests: rateNumber, windowSeconds: rateNumber });
export type RateLimit = z.infer<typeof rateLimitSchema>;

export const originSchema = z.object({
  type: z.enum(['policy', 'person']),
  /** The policy's mode, or the person's name. */
  name: z.string(),
});
export type Origin = z.infer<typeof originSchema>;

/**
 * enforced: told to bouncers. dry-run: what a policy would have done; nobody is told. pending: a block beyond the share that
 * policies may block by themselves; nobody is told until a person has confirmed it.
 */
export const decisionModeSchema = z.enum(['enforced', 'dry-run', 'pending']);
export type DecisionMode = z.infer<typeof decisionModeSchema>;

/** Of a list: `ending`, what ends first comes first. */
export const decisionOrderSchema = z.enum(['newest', 'ending']);
export type DecisionOrder = z.infer<typeof decisionOrderSchema>;

export const decisionSchema = z.object({
  id: z.string(),
  service: serviceId,
  version: z.int(),
  mode: decisionModeSchema,
  /** monitor: a step of the ladder that no bouncer hears of. */
  action: z.enum(['monitor', ...decisionActionSchema.options]),
  /** How long its step lasts: from its beginning, or its last prolongation, to its end. */
  seconds: z.int(),
  /** How many live sources it may stop: one, or as many as there were accounts behind an address. */
  weight: z.int(),
  subject: enforceableSubjectSchema,
  /** Null: everywhere in the service. */
  endpoint: z.string().nullable(),
  /** For throttles; null for the others. */
  rate: rateLimitSchema.nullable(),
  reason: z.string(),
  origin: originSchema,
  alertId: z.string().nullable(),
  createdAt: epochMs,
  until: epochMs,
  /** When it took its present version. */
  changedAt: epochMs,
  liftedAt: epochMs.nullable(),
  liftedBy: z.string().nullable(),
  /** When its actor proved itself, which lifted it; null where it ended otherwise. */
  provedAt: epochMs.nullable(),
});
export type Decision = z.infer<typeof decisionSchema>;

/** What a bouncer needs of a decision. */
export const feedDecisionSchema = decisionSchema
  .pick({ id: true, version: true, subject: true, endpoint: true, rate: true, reason: true, until: true })
  .extend({ action: decisionActionSchema });
export type FeedDecision = z.infer<typeof feedDecisionSchema>;
