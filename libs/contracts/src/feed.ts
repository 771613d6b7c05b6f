/**
 * What ingestion sends to bouncers, as server-sent events: `keys`, then frames. A frame is two data lines: the payload,
 * JSON on one line, and a detached JWS over exactly those bytes (RFC 7515 appendix F, RFC 7797, ES256). An SDK trusts
 * no frame before its signature, and none that does not answer its own nonce by way of a `hello`.
 */
import { z } from 'zod';
import { feedDecisionSchema } from './decision.js';
import { allowListSchema } from './settings.js';
import { epochMs, serviceId } from './text.js';

/** Where a frame belongs; of another service, environment or time it is refused. */
const place = {
  service: serviceId,
  environment: z.string(),
  version: z.int().min(0),
  issuedAt: epochMs,
  expiresAt: epochMs,
};

/** Who else enforces, so that a throttle adds up; missing where the server does not know. Older SDKs pass over it. */
const crowd = {
  instances: z.int().min(1).optional(),
  /** Throttles whose limit is all handed out; at most MAX_BUSY of share.ts. */
  busy: z.array(z.string()).optional(),
};

/** Of the version, to be said with it in `plimsoll-mark`: after a restored backup the same number is another version. Empty: it has none. */
const mark = z.string().optional();

/** The first frame of each connection: binds it to one key and one request, and says the server's time and version. */
export const helloFrameSchema = z.object({
  type: z.literal('hello'),
  ...place,
  /** Public part of the API key that asked. */
  key: z.string(),
  /** As the request had it in `plimsoll-nonce`. */
  nonce: z.string(),
  /** Least time between two receipts of one instance, milliseconds: it grows with the number of instances. */
  receiptMs: z.int().min(0),
  /** True where risks follow: what is sent is not whole before them. */
  risks: z.boolean().optional(),
  ...crowd,
});
/** Everything in force, in parts; all of them replace what the bouncer holds. */
export const snapshotFrameSchema = z.object({
  type: z.literal('snapshot'),
  ...place,
  /** The same in all its parts. */
  snapshot: z.string(),
  part: z.int().min(0),
  parts: z.int().min(1),
  mark,
  decisions: z.array(feedDecisionSchema),
  /** In the first part: whom a bouncer refuses nothing, whatever is decided. Absent: nobody. */
  allow: allowListSchema.optional(),
});
/** The change from `previous` to `version`: added or replaced by id, and ids to be forgotten. */
export const deltaFrameSchema = z.object({
  type: z.literal('delta'),
  ...place,
  previous: z.int().min(0),
  mark,
  decisions: z.array(feedDecisionSchema),
  lifted: z.array(z.string()),
  /** Where it has changed. Absent: as it was. */
  allow: allowListSchema.optional(),
});
/** Nothing has happened since `version`. Who hears none for long is on a dead or buffered connection. */
export const beatFrameSchema = z.object({
  type: z.literal('beat'),
  ...place,
  /** `seq` of the last risk frame of this connection, where it has any. */
  risks: z.int().min(0).optional(),
  ...crowd,
});

const riskySubject = z.object({ type: z.enum(['actor', 'address', 'credential']), id: z.string() });
/** What there is to hold against a subject; see libs/detection/src/risk.ts for what it means. */
export const feedRiskSchema = z.object({
  subject: riskySubject,
  /** 0 to 1, at `quietSince`; from then on half as much after each `halfLifeMs`. */
  score: z.number().min(0).max(1),
  quietSince: epochMs,
  since: epochMs,
  /** Kinds of alerts, the heaviest first. */
  signals: z.array(z.string()),
  alerts: z.int().min(1),
  provedAt: epochMs.nullable(),
});
/** Only for readers that say that they read it (`plimsoll-reads: risk`): the risks of subjects that deviate. */
export const riskFrameSchema = z.object({
  type: z.literal('risk'),
  ...place,
  /** What the reader has by now; null: nothing, this begins anew. */
  previous: z.int().min(0).nullable(),
  /** What it has after the last part. */
  seq: z.int().min(0),
  part: z.int().min(0),
  parts: z.int().min(1),
  halfLifeMs: z.number().min(1),
  /** A risk that has faded below this is none. */
  floor: z.number().min(0).max(1),
  raised: z.array(feedRiskSchema),
  gone: z.array(riskySubject),
});

export const feedFrameSchema = z.discriminatedUnion('type', [
  helloFrameSchema,
  snapshotFrameSchema,
  deltaFrameSchema,
  beatFrameSchema,
  riskFrameSchema,
]);
export type HelloFrame = z.infer<typeof helloFrameSchema>;
export type SnapshotFrame = z.infer<typeof snapshotFrameSchema>;
export type DeltaFrame = z.infer<typeof deltaFrameSchema>;
export type BeatFrame = z.infer<typeof beatFrameSchema>;
export type RiskFrame = z.infer<typeof riskFrameSchema>;
export type FeedRisk = z.infer<typeof feedRiskSchema>;
export type FeedFrame = z.infer<typeof feedFrameSchema>;

/** A public key of the feed, P-256; coordinates in base64url (RFC 7518, 6.2.1). */
export const feedPublicKeySchema = z.object({ x: z.string(), y: z.string() });
export type FeedPublicKey = z.infer<typeof feedPublicKeySchema>;

/**
 * Data of the `keys` event: from the key that the API key pins to the one that signs now. Each successor comes with a
 * detached JWS of its predecessor over its canonical JWK (the members that RFC 7638 hashes, in that order).
 */
export const feedKeysSchema = z.object({
  pinned: feedPublicKeySchema,
  successors: z.array(feedPublicKeySchema.extend({ jws: z.string() })),
});
export type FeedKeys = z.infer<typeof feedKeysSchema>;

/** `typ` of the three kinds of JWS, so that none passes for another. */
export type FeedSignatureType = 'plimsoll-feed' | 'plimsoll-feed-key' | 'plimsoll-shares';

/** How often a `beat` comes where nothing else does. */
export const FEED_BEAT_SECONDS = 10;
