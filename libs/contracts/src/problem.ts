/** RFC 9457 problem documents with one union of stable codes. */
import { z } from 'zod';
import { stepUpChallengeSchema } from './step-up.js';

export const problemCodes = [
  'bad-request',
  'invalid-body',
  'unauthenticated',
  'proof-invalid',
  'nonce-required',
  'session-copied',
  'invalid-key',
  'signature-required',
  'signature-invalid',
  'instance-unknown',
  'replayed',
  'forbidden',
  'step-up-required',
  'passkey-required',
  'second-person-required',
  'recovery-only',
  'held',
  'not-found',
  'conflict',
  'too-large',
  'unsupported-media-type',
  'too-many-requests',
  'overloaded',
  'unavailable',
  'internal',
] as const;
export const problemCodeSchema = z.enum(problemCodes);
export type ProblemCode = z.infer<typeof problemCodeSchema>;

/** `application/problem+json`. `errors` names each faulty field of a body or query. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: problemCodeSchema,
  detail: z.string().optional(),
  requestId: z.string().optional(),
  /** The name that OAuth has for it (RFC 6750, RFC 9449), where it has one. */
  error: z.string().optional(),
  errors: z.array(z.object({ field: z.string(), reason: z.string() })).optional(),
  /** With `step-up-required`: what the authenticator has to sign. */
  stepUp: stepUpChallengeSchema.optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/** HTTP status of each code; `proof-invalid` and `nonce-required` are 400 where no access token is asked for. */
export const problemStatus: Record<ProblemCode, number> = {
  'bad-request': 400,
  'invalid-body': 400,
  unauthenticated: 401,
  'proof-invalid': 401,
  'nonce-required': 401,
  'session-copied': 401,
  'invalid-key': 401,
  'signature-required': 401,
  'signature-invalid': 401,
  'instance-unknown': 401,
  replayed: 409,
  forbidden: 403,
  'step-up-required': 403,
  'passkey-required': 403,
  'second-person-required': 403,
  'recovery-only': 403,
  held: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'unsupported-media-type': 415,
  'too-many-requests': 429,
  overloaded: 503,
  unavailable: 503,
  internal: 500,
};
