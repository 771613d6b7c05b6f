/**
 * What the SDK and Plimsoll say to each other, written out once more: the package has no dependencies, so its published
 * declarations cannot name the contracts' library. contracts.spec.ts does not compile where the two differ; the sources
 * go on naming the original, and finish-build.mjs puts this file in its place.
 */

/** One request log as the SDK sends it. */
export interface RequestLogInput {
  id?: string | undefined;
  /** Milliseconds since the epoch, or an ISO 8601 time with its offset. */
  ts: number | string;
  method: string;
  route?: string | undefined;
  path: string;
  status: number;
  durationMs?: number | undefined;
  bytesIn?: number | undefined;
  bytesOut?: number | undefined;
  ip: string;
  userAgent?: string | undefined;
  actor?: string | undefined;
  authenticated?: boolean | undefined;
  auth?: 'success' | 'failure' | undefined;
  credential?: string | undefined;
  traceId?: string | undefined;
  verdict?: 'allow' | 'throttle' | 'challenge' | 'block' | undefined;
}

/** A number a log, or one number that holds for all of them. */
export type Column = number | number[];
/** Request logs by columns: texts are places in `values`, times are differences. */
export interface ColumnBatch {
  count: number;
  from: number;
  values: (string | boolean)[];
  columns: {
    ts: Column;
    duration: Column;
    status: Column;
    bytesIn: Column;
    bytesOut: Column;
    id?: Column;
    method?: Column;
    route?: Column;
    path?: Column;
    ip?: Column;
    userAgent?: Column;
    actor?: Column;
    authenticated?: Column;
    auth?: Column;
    credential?: Column;
    traceId?: Column;
    verdict?: Column;
  };
}

export interface RateLimit {
  requests: number;
  windowSeconds: number;
}

/** What a bouncer needs of a decision. */
export interface FeedDecision {
  id: string;
  version: number;
  action: 'throttle' | 'challenge' | 'block';
  subject: { type: 'actor' | 'address' | 'credential'; id: string };
  endpoint: string | null;
  rate: RateLimit | null;
  reason: string;
  until: number;
}

/** Whom nothing is refused: ids of actors (a `*` at the end stands for anything), addresses and ranges, fingerprints. */
export interface AllowList {
  actors: string[];
  addresses: string[];
  credentials: string[];
}

/** Where a frame of the feed belongs. */
interface Place {
  service: string;
  environment: string;
  version: number;
  issuedAt: number;
  expiresAt: number;
}
export interface HelloFrame extends Place {
  type: 'hello';
  key: string;
  nonce: string;
  receiptMs: number;
  risks?: boolean | undefined;
  instances?: number | undefined;
  busy?: string[] | undefined;
}
export interface SnapshotFrame extends Place {
  type: 'snapshot';
  snapshot: string;
  part: number;
  parts: number;
  mark?: string | undefined;
  decisions: FeedDecision[];
  allow?: AllowList | undefined;
}
export interface DeltaFrame extends Place {
  type: 'delta';
  previous: number;
  mark?: string | undefined;
  decisions: FeedDecision[];
  lifted: string[];
  allow?: AllowList | undefined;
}
export interface BeatFrame extends Place {
  type: 'beat';
  risks?: number | undefined;
  instances?: number | undefined;
  busy?: string[] | undefined;
}

/** What there is to hold against a subject. */
export interface FeedRisk {
  subject: { type: 'actor' | 'address' | 'credential'; id: string };
  score: number;
  quietSince: number;
  since: number;
  signals: string[];
  alerts: number;
  provedAt: number | null;
}
export interface RiskFrame extends Place {
  type: 'risk';
  previous: number | null;
  seq: number;
  part: number;
  parts: number;
  halfLifeMs: number;
  floor: number;
  raised: FeedRisk[];
  gone: FeedRisk['subject'][];
}
/** One signed part of the decision feed. */
export type FeedFrame = HelloFrame | SnapshotFrame | DeltaFrame | BeatFrame | RiskFrame;
/** `typ` of a signature. */
export type FeedSignatureType = 'plimsoll-feed' | 'plimsoll-feed-key' | 'plimsoll-shares';

/** What an instance saw of one throttle. */
export interface Demand {
  id: string;
  requests: number;
  windowSeconds: number;
  life: number;
  wanted: number;
  admitted: number;
}
/** What an instance may admit of one throttle. */
export interface Share {
  id: string;
  requests: number;
  part: number;
  busy: boolean;
}
/** The signed answer to what an instance saw. */
export interface SharesFrame {
  type: 'shares';
  service: string;
  environment: string;
  issuedAt: number;
  expiresAt: number;
  instance: string;
  nonce: string;
  everyMs: number;
  shares: Share[];
}
