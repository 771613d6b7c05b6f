/** What the history answers with: request logs as they are kept, counts over time, and what is kept at all. */
import { z } from 'zod';
import { verdictSchema } from './request-log.js';
import { epochMs } from './text.js';

/** One request log of the history, with the endpoint that it was counted for. */
export const historyRequestSchema = z.object({
  id: z.string(),
  ts: epochMs,
  method: z.string(),
  path: z.string(),
  endpoint: z.string(),
  status: z.int(),
  durationMs: z.number(),
  bytesIn: z.number(),
  bytesOut: z.number(),
  ip: z.string(),
  userAgent: z.string(),
  actor: z.string().nullable(),
  /** False where the actor is only claimed, as in a failed login. */
  authenticated: z.boolean(),
  auth: z.enum(['success', 'failure']).nullable(),
  credential: z.string().nullable(),
  traceId: z.string().nullable(),
  verdict: verdictSchema,
  timing: z.enum(['live', 'late', 'historical']),
});
export type HistoryRequest = z.infer<typeof historyRequestSchema>;

/** One column of the histogram. */
export const historyBucketSchema = z.object({
  /** Start of the bucket. */
  ts: epochMs,
  requests: z.int(),
  /** Answered 5xx. */
  errors: z.int(),
  /** Answered 4xx. */
  clientErrors: z.int(),
  /** Throttled, challenged or blocked by the bouncer. */
  refused: z.int(),
});
export type HistoryBucket = z.infer<typeof historyBucketSchema>;

/** A time of which requests are missing: the engine was away for longer than the buffer could hold. */
export const historyGapSchema = z.object({ from: epochMs, to: epochMs, requests: z.int() });
export type HistoryGap = z.infer<typeof historyGapSchema>;

/**
 * on: written and read. preparing: the engine is being fetched. away: it does not answer now; what comes meanwhile is
 * buffered. off: nothing is kept.
 */
export const historyStateSchema = z.enum(['on', 'preparing', 'away', 'off']);
export type HistoryState = z.infer<typeof historyStateSchema>;

export const historyCoverageSchema = z.object({
  state: historyStateSchema,
  /** Why it is not on, and what to do; null where it is. */
  reason: z.string().nullable(),
  /** Of the oldest and the newest request; null where there is none. */
  oldest: epochMs.nullable(),
  newest: epochMs.nullable(),
  requests: z.int(),
  /** On disk, of all services. */
  bytes: z.int(),
  /** The newest, at most 100, oldest first. */
  gaps: z.array(historyGapSchema),
  /** Of every gap of what is kept, also of those that the list has no room for. */
  missing: z.object({ requests: z.int(), gaps: z.int() }),
});
export type HistoryCoverage = z.infer<typeof historyCoverageSchema>;

/** The last line of an export: a file without it is broken off. */
export const exportEndSchema = z.object({ end: z.object({ requests: z.int(), truncated: z.boolean() }) });
export type ExportEnd = z.infer<typeof exportEndSchema>;
