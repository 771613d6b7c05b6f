/**
 * One question to the access policy: who, what, on what, under which circumstances. The server makes them of each call;
 * customers write them down as cases that their policies must keep.
 */
import { z } from 'zod';
import { accessActionSchema } from './access.js';
import { alertKindSchema, alertStateSchema, severitySchema } from './alert.js';
import { decisionActionSchema, decisionModeSchema } from './decision.js';
import { policyModeSchema } from './policy.js';
import { epochMs, serviceId } from './text.js';

const word = z.string().min(1).max(60);
const words = z.array(word).max(50);

/** What a person is, apart from the name: which teams' services, and single services beside them, it may see at all. */
export const personAttributesSchema = z.strictObject({
  groups: words.default([]),
  everyTeam: z.boolean().default(true),
  teams: words.default([]),
  services: z.array(serviceId).max(50).default([]),
});
export type PersonAttributes = z.infer<typeof personAttributesSchema>;

export const accessPrincipalSchema = personAttributesSchema.extend({
  id: z.string().min(1).max(80),
  role: word,
  /** How many passkeys the person has. */
  passkeys: z.int().min(0).max(100).default(0),
  /** Whether the session's passkey cannot leave its device. */
  deviceBound: z.boolean().default(false),
});
export type AccessPrincipal = z.infer<typeof accessPrincipalSchema>;

const inService = {
  service: serviceId,
  team: word.default('default'),
  environment: word.default('production'),
};
/** What a resource is to a policy: its class and attributes, never its id. */
export const accessResourceSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('Installation') }),
  z.strictObject({
    type: z.literal('Service'),
    ...inService,
    policy: policyModeSchema.default('block'),
    dryRun: z.boolean().default(false),
  }),
  z.strictObject({
    type: z.literal('Alert'),
    ...inService,
    kind: alertKindSchema.default('rate'),
    severity: severitySchema.default('high'),
    state: alertStateSchema.default('open'),
    subjectType: word.default('actor'),
  }),
  z.strictObject({
    type: z.literal('Decision'),
    ...inService,
    /** What it does: block, challenge, throttle. */
    effect: z.union([decisionActionSchema, z.literal('monitor')]).default('block'),
    mode: decisionModeSchema.default('enforced'),
    subjectType: word.default('actor'),
    byPerson: z.boolean().default(false),
  }),
  z.strictObject({ type: z.literal('Key'), ...inService }),
]);
export type AccessResource = z.infer<typeof accessResourceSchema>;

export const accessContextSchema = z.strictObject({
  /** What our own detector thinks of this person's or address's conduct in the console: 0 to 100. */
  risk: z.int().min(0).max(100).default(0),
  /** Since the person signed in. */
  authAgeSeconds: z.int().min(0).default(0),
  /** Since presence was proved for this very deed; absent where it was not. */
  stepUpAgeSeconds: z.int().min(0).optional(),
  /** Whether the authenticator checked the person (PIN, finger) and not only a touch. */
  userVerified: z.boolean().default(false),
  /** How the person signed in: `link`, `passkey`, `recovery-code`. */
  amr: words.default(['link']),
  address: z.string().max(50).default('127.0.0.1'),
  time: epochMs,
  /** Subjects that the deed hits, with those that the person has hit in the last ten minutes. */
  subjects: z.int().min(0).default(0),
});
export type AccessContext = z.infer<typeof accessContextSchema>;

export const accessRequestSchema = z.strictObject({
  principal: accessPrincipalSchema,
  action: accessActionSchema,
  resource: accessResourceSchema,
  context: accessContextSchema,
});
export type AccessRequest = z.infer<typeof accessRequestSchema>;
