/** The audit as the admin API gives it, and its operations; a part of admin-api.ts. */
import { z } from 'zod';
import { cursorQuery, operation, page } from './operation.js';
import { subjectSchema } from './subject.js';
import { clientText, epochMs, serviceId } from './text.js';

export const auditOutcomeSchema = z.enum(['allowed', 'denied']);

/** One row of the chain. References to parties are resolved; `previous` and `hash` are over the row as it is stored. */
export const auditRecordSchema = z.object({
  id: z.int(),
  at: epochMs,
  personId: z.string().nullable(),
  /** As the person is called now. */
  personName: z.string().nullable(),
  /** Verb and object: `decision.lift`. */
  action: z.string(),
  outcome: auditOutcomeSchema,
  object: z.string(),
  service: z.string().nullable(),
  /** Whom it is about; the id is `erased` where nobody knows it any more. */
  parties: z.array(subjectSchema),
  before: z.unknown(),
  after: z.unknown(),
  detail: z.unknown(),
  reason: z.string().nullable(),
  address: z.string(),
  userAgent: z.string().nullable(),
  sessionId: z.string().nullable(),
  requestId: z.string().nullable(),
  previous: z.string(),
  hash: z.string(),
});
export type AuditRecord = z.infer<typeof auditRecordSchema>;

const filters = {
  person: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,80}$/, 'an id')
    .optional(),
  /** Whole, or the beginning up to a dot: `decision.` */
  action: z
    .string()
    .regex(/^[a-z-]{1,40}\.?[a-z-]{0,40}$/, 'verb and object, as decision.lift, or decision.')
    .optional(),
  outcome: auditOutcomeSchema.optional(),
  object: clientText(768).optional(),
  service: serviceId.optional(),
  subject: clientText(768).optional(),
  /** A part of object, reason, detail, before or after, in whatever case; looked for in the newest 100,000 rows. */
  text: clientText(200).optional(),
  from: z.coerce.number().int().min(0).max(8_640_000_000_000_000).optional(),
  until: z.coerce.number().int().min(0).max(8_640_000_000_000_000).optional(),
};

export const auditStateSchema = z.object({
  rows: z.int(),
  /** whole: everything up to `verifiedId` fits. broken: see `faults`. unknown: nothing was verified yet. */
  state: z.enum(['whole', 'broken', 'unknown']),
  verifiedId: z.int(),
  verifiedAt: epochMs.nullable(),
  /** When all of it was verified, from the first row on; `verifiedAt` counts what has come since. */
  wholeAt: epochMs.nullable(),
  /** The newest signed checkpoint. */
  checkpoint: z.object({ id: z.int(), at: epochMs }).nullable(),
  /** Sentences, the first faults found. */
  faults: z.array(z.string()),
});
export type AuditState = z.infer<typeof auditStateSchema>;

export const auditOperations = {
  audit: operation({
    method: 'GET',
    path: '/api/audit',
    action: 'audit.read',
    tag: 'audit',
    summary: 'What people did and were refused, newest first',
    query: z.strictObject({ ...cursorQuery, ...filters }),
    response: page(auditRecordSchema),
    status: 200,
  }),
  exportAudit: operation({
    method: 'GET',
    path: '/api/audit/export',
    action: 'audit.export',
    tag: 'audit',
    summary: 'The rows of the audit as newline-delimited JSON, newest first, at most 100,000',
    query: z.strictObject(filters),
    response: auditRecordSchema,
    streams: 'application/x-ndjson',
    status: 200,
    danger: 'step-up',
  }),
  auditState: operation({
    method: 'GET',
    path: '/api/audit/state',
    action: 'audit.read',
    tag: 'audit',
    summary: 'Whether the chain of the audit is whole',
    response: auditStateSchema,
    status: 200,
  }),
  verifyAudit: operation({
    method: 'POST',
    path: '/api/audit/verify',
    action: 'audit.read',
    tag: 'audit',
    quiet: true,
    summary: 'Verify the chain of the audit now, from its first row on',
    response: auditStateSchema,
    status: 200,
  }),
} as const;
