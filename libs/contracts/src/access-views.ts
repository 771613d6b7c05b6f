/** The access policy as the console shows it: policies, what is wrong with one, what an edit would change, cases. */
import { z } from 'zod';
import { accessRequestSchema } from './access-request.js';
import { epochMs } from './text.js';

/** Characters of one policy, and how many the customer may have: what Cedar parses in a moment. */
export const MAX_POLICY_CHARACTERS = 16_384;
export const MAX_POLICIES = 200;
export const MAX_CASES = 500;
/** The last decisions, on which an edit is tried. */
export const MAX_RECORDED = 10_000;

export const accessPolicySchema = z.object({
  id: z.string(),
  name: z.string(),
  text: z.string(),
  version: z.int(),
  changedAt: epochMs,
  changedBy: z.string(),
});
export type AccessPolicyView = z.infer<typeof accessPolicySchema>;

export const accessPolicyVersionSchema = z.object({
  version: z.int(),
  name: z.string(),
  /** Null: it was removed. */
  text: z.string().nullable(),
  at: epochMs,
  by: z.string(),
});
export type AccessPolicyVersion = z.infer<typeof accessPolicyVersionSchema>;

/** What Cedar says of a text. Offsets count UTF-16 units, as an editor does. */
export const policyFaultSchema = z.object({
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  hint: z.string().nullable(),
  start: z.int().nullable(),
  end: z.int().nullable(),
});
export type PolicyFault = z.infer<typeof policyFaultSchema>;

export const policyCheckSchema = z.object({
  faults: z.array(policyFaultSchema),
  /** As Cedar's formatter writes it; null where it cannot be parsed. */
  formatted: z.string().nullable(),
  /** The syntax tree in Cedar's JSON form, for editors that are no text. */
  json: z.unknown(),
});
export type PolicyCheck = z.infer<typeof policyCheckSchema>;

export const outcomeSchema = z.enum(['allow', 'deny']);
export type Outcome = z.infer<typeof outcomeSchema>;

export const accessCaseSchema = z.object({
  id: z.string(),
  name: z.string(),
  request: accessRequestSchema,
  expected: outcomeSchema,
  createdAt: epochMs,
  createdBy: z.string(),
});
export type AccessCase = z.infer<typeof accessCaseSchema>;

export const simulationSchema = z.object({
  /** Decisions of the record that were tried, and since when. */
  decisions: z.int(),
  since: epochMs.nullable(),
  /** Decisions of the record that come out otherwise. */
  flipped: z.int(),
  /** The latest of each kind, most frequent first, at most a hundred. */
  flips: z.array(
    z.object({ request: accessRequestSchema, person: z.string(), before: outcomeSchema, after: outcomeSchema, count: z.int() }),
  ),
  cases: z.array(
    z.object({ id: z.string(), name: z.string(), expected: outcomeSchema, before: outcomeSchema, after: outcomeSchema }),
  ),
  /** Nobody could change the policies any more: such an edit is not saved. */
  locksOut: z.boolean(),
});
export type Simulation = z.infer<typeof simulationSchema>;

export const accessPoliciesSchema = z.object({
  /** Part of Plimsoll; nobody changes them. */
  platform: z.array(z.object({ id: z.string(), says: z.string(), text: z.string() })),
  own: z.array(accessPolicySchema),
  cases: z.array(accessCaseSchema),
  /** In Cedar's own language. */
  schema: z.string(),
  /** False: the own policies could not be loaded, and only owners get in, to mend them. */
  sound: z.boolean(),
});
export type AccessPolicies = z.infer<typeof accessPoliciesSchema>;
