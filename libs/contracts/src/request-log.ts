/**
 * A request log: one finished request as the SDK saw it. The wire form is forgiving about what is absent and strict
 * about what is there; the normalised form is what every later step of the path works on.
 */
import { z } from 'zod';
import { verdictNames } from './names.js';
import { cleanText, clientText, epochMs } from './text.js';

export const verdictSchema = z.enum(verdictNames);
/** What the bouncer answered for this request. */
export type VerdictName = z.infer<typeof verdictSchema>;

const eventTime = z.union(
  [
    epochMs,
    z.iso
      .datetime({ offset: true })
      .transform((text) => Date.parse(text))
      .pipe(epochMs),
  ],
  'milliseconds since the epoch, or an ISO 8601 time with its offset',
);
const count = z.number().min(0).max(Number.MAX_SAFE_INTEGER).transform(Math.round);
/** Before the path of a target in absolute form (RFC 9112, 3.2.2). */
const AUTHORITY = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;
const withoutQuery = (target: string) => cleanText(target.replace(AUTHORITY, '').split(/[?#]/, 1)[0] || '/');

/** One request log as a client sends it. Unknown fields are ignored. */
export const requestLogInput = z.object({
  id: clientText(128).optional(),
  ts: eventTime,
  method: z
    .string()
    .regex(/^[A-Za-z-]{1,20}$/, 'an HTTP method')
    .transform((name) => name.toUpperCase()),
  route: clientText(512).optional(),
  path: z.string().min(1).max(2048).transform(withoutQuery),
  status: z.int().min(100).max(599),
  durationMs: z.number().min(0).max(86_400_000).default(0),
  bytesIn: count.default(0),
  bytesOut: count.default(0),
  ip: z.union([z.ipv4(), z.ipv6()], 'an IPv4 or IPv6 address'),
  userAgent: z.string().max(1024).transform(cleanText).default(''),
  actor: clientText(256).optional(),
  authenticated: z.boolean().optional(),
  auth: z.enum(['success', 'failure']).optional(),
  credential: clientText(128).optional(),
  traceId: clientText(64).optional(),
  verdict: verdictSchema.default('allow'),
});
export type RequestLogInput = z.input<typeof requestLogInput>;
/** A request log whose fields were checked, before it has an id, the receiver's time and a timing. */
export type CheckedLog = z.output<typeof requestLogInput>;

/**
 * live: enforced decisions may follow. late: more than 15 minutes old. historical: an old file. Late and historical logs
 * teach baselines and raise alerts shown as such; they never lead to an enforced decision by themselves.
 */
export type Timing = 'live' | 'late' | 'historical';

/** One request log after ingestion: every default filled in, `ts` clamped to the receiver's clock. */
export interface RequestLog {
  /** Unique within the service; effects are exactly once by it. */
  id: string;
  /** Event time, milliseconds since the epoch. */
  ts: number;
  method: string;
  /** Route template as the framework gave it; absent where unknown. */
  route?: string;
  path: string;
  status: number;
  durationMs: number;
  bytesIn: number;
  bytesOut: number;
  ip: string;
  userAgent: string;
  actor?: string;
  /** False where the actor is only claimed, as in a failed login: such an actor is never blocked by its id. */
  authenticated: boolean;
  auth?: 'success' | 'failure';
  /** Keyed fingerprint of the token or key used, never the secret. */
  credential?: string;
  traceId?: string;
  /** What the bouncer answered; refused requests are counted and never learnt. */
  verdict: VerdictName;
  timing: Timing;
}

/**
 * The one way from a checked log to a request log, for ingestion and for replays: an actor is authenticated where
 * nothing is said, unless the answer was 401 (then the actor is only claimed).
 */
export function completeLog(checked: CheckedLog, receipt: { id: string; ts: number; timing: Timing }): RequestLog {
  const { route, actor, auth, credential, traceId } = checked;
  return {
    id: receipt.id,
    ts: receipt.ts,
    method: checked.method,
    ...(route === undefined ? {} : { route }),
    path: checked.path,
    status: checked.status,
    durationMs: checked.durationMs,
    bytesIn: checked.bytesIn,
    bytesOut: checked.bytesOut,
    ip: checked.ip,
    userAgent: checked.userAgent,
    ...(actor === undefined ? {} : { actor }),
    authenticated: checked.authenticated ?? checked.status !== 401,
    ...(auth === undefined ? {} : { auth }),
    ...(credential === undefined ? {} : { credential }),
    ...(traceId === undefined ? {} : { traceId }),
    verdict: checked.verdict,
    timing: receipt.timing,
  };
}

/** Why one log of a batch was refused. `index` counts from 0 within the batch. */
export const rejectedLogSchema = z.object({ index: z.int(), field: z.string(), reason: z.string() });
export type RejectedLog = z.infer<typeof rejectedLogSchema>;

export const MAX_LISTED_REJECTIONS = 100;

/** `202` answer of `POST /v1/requests`. `feedVersion` tells the SDK whether its decisions are current. */
export const ingestAnswerSchema = z.object({
  accepted: z.int(),
  /** The first {@link MAX_LISTED_REJECTIONS}. */
  rejected: z.array(rejectedLogSchema),
  /** How many there are, where more than the listed ones were refused. */
  rejectedTotal: z.int().optional(),
  feedVersion: z.int(),
});
export type IngestAnswer = z.infer<typeof ingestAnswerSchema>;

/** Header with the client's id of a batch; a retry sends the same one. 1 to 128 characters. */
export const BATCH_HEADER = 'plimsoll-batch';
/** Header `live` (default) or `historical`. */
export const TIMING_HEADER = 'plimsoll-timing';

/** One BullMQ job of stage one: the logs of a batch that fall into one shard. */
export interface RequestBatch {
  service: string;
  /** Hash of service, the client's batch id and the body: the same for a retry. */
  batch: string;
  shard: number;
  /** Receiver's clock, milliseconds since the epoch. */
  receivedAt: number;
  requests: RequestLog[];
}
