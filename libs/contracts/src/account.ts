/**
 * A person's own ways in: passkeys, sessions, recovery codes, and what has happened to them. The shapes of WebAuthn's JSON
 * (Level 3, 5.1.8 and 5.1.9) are bounded here; what they say is judged by the server alone.
 */
import { z } from 'zod';
import { alertKindSchema } from './alert.js';
import { epochMs } from './text.js';
import { personSchema } from './views.js';

const base64url = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[\w-]+$/, 'base64url');
/** A credential id has at most 1,023 bytes. */
const credentialId = base64url(1_364);
const transports = z.array(z.string().max(20)).max(10);

const credentialShape = {
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  authenticatorAttachment: z.string().max(30).optional(),
  clientExtensionResults: z.record(z.string().max(60), z.unknown()).default({}),
};

/** What an authenticator says when a passkey is made. */
export const attestationSchema = z.strictObject({
  ...credentialShape,
  // Browsers repeat parts of the attestation object in clear; only the object is believed.
  response: z.object({
    clientDataJSON: base64url(4_096),
    attestationObject: base64url(16_384),
    transports: transports.optional(),
  }),
});
export type Attestation = z.output<typeof attestationSchema>;

/** What an authenticator says when a passkey is used. */
export const assertionSchema = z.strictObject({
  ...credentialShape,
  response: z.object({
    clientDataJSON: base64url(4_096),
    authenticatorData: base64url(4_096),
    signature: base64url(2_048),
    userHandle: base64url(128).optional(),
  }),
});
export type Assertion = z.output<typeof assertionSchema>;

const credentialDescriptor = z.object({ id: z.string(), type: z.literal('public-key'), transports: transports.optional() });

/** For `navigator.credentials.get`. Without `allowCredentials` the authenticator offers what it has. */
export const requestOptionsSchema = z.object({
  challenge: z.string(),
  rpId: z.string(),
  timeout: z.int(),
  userVerification: z.literal('required'),
  allowCredentials: z.array(credentialDescriptor),
});
export type RequestOptions = z.infer<typeof requestOptionsSchema>;

/** For `navigator.credentials.create`. */
export const creationOptionsSchema = z.object({
  challenge: z.string(),
  rp: z.object({ id: z.string(), name: z.string() }),
  user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
  pubKeyCredParams: z.array(z.object({ type: z.literal('public-key'), alg: z.int() })),
  timeout: z.int(),
  excludeCredentials: z.array(credentialDescriptor),
  authenticatorSelection: z.object({
    residentKey: z.literal('required'),
    requireResidentKey: z.literal(true),
    userVerification: z.literal('required'),
  }),
  attestation: z.literal('none'),
});
export type CreationOptions = z.infer<typeof creationOptionsSchema>;

export const passkeySchema = z.object({
  id: z.string(),
  name: z.string(),
  /** Copied between devices by its provider; else it lives in one device alone. */
  synced: z.boolean(),
  createdAt: epochMs,
  lastUsedAt: epochMs.nullable(),
});
export type Passkey = z.infer<typeof passkeySchema>;

/**
 * How a session came to be. `link`: a one-time link of somebody without a passkey. `recovery`: a link or a recovery code of
 * somebody with passkeys; all that it may do is to make a new one.
 */
export const sessionOriginSchema = z.enum(['passkey', 'link', 'recovery']);
export type SessionOrigin = z.infer<typeof sessionOriginSchema>;

/** 0 to 100, as the access policy has it (`context.risk`). */
const riskLevel = z.int().min(0).max(100);

/** What Plimsoll finds in the person's own calls, by its watch over the console: of the person, or of the session that asks. */
export const ownRiskSchema = z.object({
  level: riskLevel,
  /** What was found, the heaviest first; empty where that is nothing, or cannot be known just now. */
  signals: z.array(alertKindSchema),
  since: epochMs.nullable(),
  /** From when on it fades, by half each half hour; null where nothing was found. */
  quietSince: epochMs.nullable(),
  /** What the platform's own policies take from the person for it: own ones can take more. */
  takes: z.enum(['nothing', 'changes-without-proof', 'changes']),
});
export type OwnRisk = z.infer<typeof ownRiskSchema>;

export const openSessionSchema = z.object({
  id: z.string(),
  origin: sessionOriginSchema,
  userAgent: z.string(),
  /** Whence it was used last. */
  address: z.string(),
  createdAt: epochMs,
  lastUsedAt: epochMs,
  /** What was found in the calls of this session alone. */
  risk: riskLevel,
  /** The one that asks. */
  own: z.boolean(),
});
export type OpenSession = z.infer<typeof openSessionSchema>;

/** What a person is told at the next sign-in, until it is put away. */
export const noticeKindSchema = z.enum([
  'recovered',
  'passkey-added',
  'passkey-removed',
  'codes-made',
  'counter-behind',
  'backup-changed',
  'session-reused',
]);
export const noticeSchema = z.object({
  id: z.string(),
  kind: noticeKindSchema,
  at: epochMs,
  address: z.string(),
  /** Name of the passkey, or of what was used. */
  what: z.string(),
});
export type NoticeKind = z.infer<typeof noticeKindSchema>;
export type Notice = z.infer<typeof noticeSchema>;

export const accountSchema = z.object({
  person: personSchema,
  /** Of the session that asks. */
  origin: sessionOriginSchema,
  passkeys: z.array(passkeySchema),
  /** How many this person should have at least: two for owners. */
  passkeysWanted: z.int(),
  /** Until when a first passkey, or one after a recovery, can be made in this session; null where that is over. */
  enrolUntil: epochMs.nullable(),
  sessions: z.array(openSessionSchema),
  recoveryCodes: z.object({ left: z.int(), madeAt: epochMs.nullable() }),
  /** After a recovery: dangerous actions wait until then. */
  heldUntil: epochMs.nullable(),
  notices: z.array(noticeSchema),
  risk: ownRiskSchema,
});
export type Account = z.infer<typeof accountSchema>;
