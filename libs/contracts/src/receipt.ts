/**
 * Receipts: the word of an instance (one process with an SDK in it) that it enforces a version of its service's decisions. What follows
 * from all of them stands in reach.ts.
 */
import { z } from 'zod';
import { clientText, epochMs } from './text.js';

/** `POST /v1/receipts`. */
export const receiptSchema = z.object({
  /** Of one run of one process. */
  instance: z.string().regex(/^[\w-]{1,64}$/, '1 to 64 letters, digits, - or _'),
  /** For people: the host's name, unless it was given another. */
  name: clientText(100),
  /** Version of the SDK. */
  sdk: z.string().regex(/^[\w.+-]{1,40}$/, 'a version'),
  version: z.int().min(0),
  /** How long ago it was applied, by the instance's monotonic clock: receipts of many instances are spread over time. */
  appliedMsAgo: z.number().min(0).max(3_600_000).default(0),
  via: z.enum(['stream', 'poll']),
  /** It is being shut down in order: nobody need miss it. */
  goodbye: z.boolean().default(false),
});
export type Receipt = z.output<typeof receiptSchema>;

export const instanceSchema = z.object({
  ...receiptSchema.pick({ sdk: true, version: true, via: true }).shape,
  id: z.string(),
  name: z.string(),
  /** First and last receipt, by the server's clock. */
  since: epochMs,
  seenAt: epochMs,
  /** Its last versions, newest first, each with the time at which it was applied, by the server's clock. */
  applied: z.array(z.tuple([z.int(), epochMs])),
});
export type Instance = z.infer<typeof instanceSchema>;

/** How far a version has come. */
export const reachSchema = z.object({
  version: z.int(),
  /** Those that are alive. */
  instances: z.int(),
  enforcing: z.int(),
  /** From the decision until an instance had applied it; null where none of them was seen to take it. */
  p99Ms: z.number().nullable(),
  /** Alive, and later than the grace: names, at most MAX_NAMED (reach.ts), and how many there are. */
  behind: z.array(z.string()),
  behindTotal: z.int(),
  /** Not heard of for VANISHED_MS, without a goodbye. */
  vanished: z.array(z.string()),
  vanishedTotal: z.int(),
});
export type Reach = z.infer<typeof reachSchema>;
