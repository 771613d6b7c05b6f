/** The part of the admin API that is about decisions: what is in force, what waits for a person, what would have been. */
import { z } from 'zod';
import {
  decisionActionSchema,
  decisionModeSchema,
  decisionOrderSchema,
  decisionSchema,
  enforceableSubjectSchema,
  originSchema,
  rateLimitSchema,
} from './decision.js';
import { cursorQuery, idParam, operation, page, personText } from './operation.js';
import { clientText, serviceId } from './text.js';
import { dryRunSchema } from './views.js';

export const decisionOperations = {
  decisions: operation({
    action: 'decision.read',
    method: 'GET',
    path: '/api/decisions',
    tag: 'decisions',
    summary: 'Decisions, newest first or by their end',
    query: z.strictObject({
      ...cursorQuery,
      service: serviceId.optional(),
      active: z
        .enum(['true', 'false'])
        .transform((text) => text === 'true')
        .optional(),
      mode: decisionModeSchema.optional(),
      origin: originSchema.shape.type.optional(),
      /** A part of the subject's id, literally. */
      subject: clientText(768).optional(),
      /** Exactly this subject; of an address also the network that a decision on it holds. */
      subjectType: enforceableSubjectSchema.shape.type.optional(),
      subjectId: clientText(768).optional(),
      /** What holds on it: decisions about it alone, and those that hold everywhere. */
      endpoint: clientText(768).optional(),
      /** A cursor is good for the order that it came with. */
      order: decisionOrderSchema.default('newest'),
    }),
    response: page(decisionSchema),
    status: 200,
  }),
  decide: operation({
    action: 'decision.make',
    method: 'POST',
    path: '/api/decisions',
    tag: 'decisions',
    summary: 'Block or throttle an actor, an address or a credential, or challenge an actor',
    body: z.strictObject({
      service: serviceId,
      action: decisionActionSchema,
      subject: enforceableSubjectSchema.extend({ id: clientText(768) }).strict(),
      endpoint: clientText(768)
        .refine((text) => /^[A-Z-]{1,20} \S/.test(text), 'METHOD /route/:param, as alerts name it')
        .nullable()
        .default(null),
      rate: rateLimitSchema.strict().optional(),
      durationSeconds: z.int().min(10).max(31_536_000),
      reason: personText,
      alertId: idParam.shape.id.optional(),
    }),
    response: decisionSchema,
    status: 201,
  }),
  lift: operation({
    action: 'decision.lift',
    method: 'POST',
    path: '/api/decisions/{id}/lift',
    tag: 'decisions',
    summary: 'Lift a decision before it ends; a pending one is dismissed by it',
    params: idParam,
    body: z.strictObject({ reason: personText.optional() }),
    response: decisionSchema,
    status: 200,
  }),
  confirm: operation({
    action: 'decision.confirm',
    method: 'POST',
    path: '/api/decisions/{id}/confirm',
    tag: 'decisions',
    summary: 'Put a pending block in force',
    params: idParam,
    body: z.strictObject({ reason: personText.optional() }),
    response: decisionSchema,
    status: 200,
  }),
  settlePending: operation({
    action: 'decision.settle',
    method: 'POST',
    path: '/api/services/{id}/pending',
    tag: 'decisions',
    summary: 'Confirm or dismiss all pending blocks of a service, at most a thousand at a time',
    params: idParam,
    body: z.strictObject({ answer: z.enum(['confirm', 'dismiss']) }),
    response: z.object({ settled: z.int() }),
    status: 200,
    danger: 'step-up',
  }),
  dryRun: operation({
    action: 'dry-run.read',
    method: 'GET',
    path: '/api/services/{id}/dry-run',
    tag: 'decisions',
    summary: 'Whom policies would have throttled and blocked',
    params: idParam,
    query: z.strictObject({ days: z.coerce.number().int().min(1).max(90).default(7) }),
    response: dryRunSchema,
    status: 200,
  }),
} as const;
