/**
 * Step-up: before a dangerous action a person proves presence again, with an assertion that is good for this one call. The
 * server answers 403 with a nonce and a challenge, SHA-256 over operation, parameters, query, body and nonce; the page repeats the same
 * call with the assertion in a header. A second factor of some actions is a second person.
 */
import { z } from 'zod';
import { assertionSchema, requestOptionsSchema } from './account.js';

export const MAX_STEP_UP_CHARACTERS = 12_000;

/** `none`: being allowed is enough. `two-persons`: step-up, and another owner's word where the installation asks for it. */
export type Danger = 'none' | 'step-up' | 'two-persons';

/** In the problem document of a refused call. */
export const stepUpChallengeSchema = z.object({ nonce: z.string(), options: requestOptionsSchema });
export type StepUpChallenge = z.infer<typeof stepUpChallengeSchema>;

export const stepUpProofSchema = z.strictObject({ nonce: z.string().max(200), assertion: assertionSchema });
export type StepUpProof = z.output<typeof stepUpProofSchema>;

/** JSON with the members of every object in order, so that the same call has one text. `undefined` members are left out, as in JSON. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
