/**
 * Harm preview: whom one limit or one decision would have hit in the last days, with what people found of them. It asks
 * the history and judges nothing: a limit counts in windows of the clock, a bouncer evenly over them.
 */
import { z } from 'zod';
import { alertKindSchema, alertVerdictSchema } from './alert.js';
import { decisionActionSchema, enforceableSubjectSchema, rateLimitSchema } from './decision.js';
import { clientText, endpointName, epochMs } from './text.js';

/** What a limit counts, by the kind of behaviour that it is against. */
export const measuredKinds = ['rate', 'auth-failures', 'probing', 'exfiltration'] as const;

/** rate: requests. auth-failures: failed sign-ins. probing: answers 400, 403 and 404. exfiltration: bytes sent. */
const limitSchema = z.strictObject({
  type: z.literal('limit'),
  kind: z.enum(measuredKinds).default('rate'),
  endpoint: endpointName.nullable().default(null),
  per: z.enum(['actor', 'address', 'credential']).default('actor'),
  atMost: z.number().min(0).max(1e15),
  windowSeconds: z.int().min(1).max(86_400),
});
const draftSchema = z.strictObject({
  type: z.literal('decision'),
  action: decisionActionSchema,
  subject: enforceableSubjectSchema.extend({ id: clientText(768) }).strict(),
  endpoint: endpointName.nullable().default(null),
  /** Of a throttle. */
  rate: rateLimitSchema.strict().optional(),
});
export const harmQuestionSchema = z
  .discriminatedUnion('type', [limitSchema, draftSchema])
  .refine((asked) => asked.type === 'limit' || asked.action !== 'throttle' || asked.rate !== undefined, {
    path: ['rate'],
    message: 'a throttle needs its rate',
  });
export type HarmQuestion = z.output<typeof harmQuestionSchema>;

/** What people found of a subject: the gravest verdict that its alerts of that time got; open: alerts, and no verdict; none: no alert. */
export const harmVerdictSchema = z.enum([...alertVerdictSchema.options, 'open', 'none']);
export type HarmVerdict = z.infer<typeof harmVerdictSchema>;

export const harmSubjectSchema = z.object({
  subject: enforceableSubjectSchema,
  /** Requests that would have been refused, of all that it made. */
  refused: z.int(),
  requests: z.int(),
  /** Of the first and the last refusal; a limit is known by its windows, so that these are their starts. */
  firstAt: epochMs,
  lastAt: epochMs,
  verdict: harmVerdictSchema,
  /** Kinds of its alerts in that time. */
  kinds: z.array(alertKindSchema),
});
export type HarmSubject = z.infer<typeof harmSubjectSchema>;

export const MAX_HARMED = 200;
const harmedSchema = z.object({
  /** The hardest hit first, at most {@link MAX_HARMED}; `total` counts them all. */
  subjects: z.array(harmSubjectSchema),
  total: z.int(),
  /** Of all of them. */
  verdicts: z.partialRecord(harmVerdictSchema, z.int()),
});
export type Harmed = z.infer<typeof harmedSchema>;

export const harmPreviewSchema = harmedSchema.extend({
  from: epochMs,
  to: epochMs,
  /**
   * Of a decision about an address, or the network that stands for it, or a credential: the users behind it, as far as the host
   * vouched for them. What a throttle would have refused is shared out by what each asked. Null for everything else.
   */
  users: harmedSchema.nullable(),
  refused: z.int(),
  requests: z.int(),
  /** Requests of that time that the history lacks. */
  missing: z.int(),
});
export type HarmPreview = z.infer<typeof harmPreviewSchema>;
