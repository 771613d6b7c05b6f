/**
 * Receipts: the word of an instance (one process with an SDK in it) that it enforces a version of its service's decisions,
 * and what follows from all of them: how many enforce a decision, how soon they did, who is behind and who has vanished.
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
  /** Alive, and later than the grace: names, at most {@link MAX_NAMED}, and how many there are. */
  behind: z.array(z.string()),
  behindTotal: z.int(),
  /** Not heard of for {@link VANISHED_MS}, without a goodbye. */
  vanished: z.array(z.string()),
  vanishedTotal: z.int(),
});
export type Reach = z.infer<typeof reachSchema>;

/** An instance says a word at least this often. */
export const RECEIPT_SECONDS = 30;
/** Three receipts were missed. */
export const VANISHED_MS = 3 * RECEIPT_SECONDS * 1000;
/** An instance that has not taken a version so long after it was made is behind. */
export const BEHIND_MS = 5_000;
export const MAX_NAMED = 10;

export const hasVanished = ({ seenAt }: Instance, now: number): boolean => now - seenAt >= VANISHED_MS;

/**
 * The newest version, up to this one, that everybody must have by now: that it was made long enough ago is known of the
 * version itself, or by an instance that took it then; so that nobody who is behind is excused by each new decision.
 */
export function settledVersion(version: number, changedAt: number, all: readonly Instance[], now: number): number {
  if (now - changedAt >= BEHIND_MS) return version;
  let settled = 0;
  for (const { applied } of all) {
    for (const [one, at] of applied) if (one > settled && now - at >= BEHIND_MS) settled = one;
  }
  return Math.min(settled, version);
}

/** @param settled see {@link settledVersion}. */
export const isBehind = (instance: Instance, settled: number, now: number): boolean =>
  instance.version < settled && !hasVanished(instance, now);

/** @param changedAt when that version was made; 0 where it is not known. */
export function reachOf(version: number, changedAt: number, all: readonly Instance[], now: number): Reach {
  const alive = all.filter((instance) => !hasVanished(instance, now));
  const enforcing = alive.filter((instance) => instance.version >= version);
  const settled = settledVersion(version, changedAt, all, now);
  const behind = alive.filter((instance) => isBehind(instance, settled, now));
  const vanished = all.filter((instance) => hasVanished(instance, now));
  const latencies = changedAt === 0 ? [] : enforcing.flatMap((instance) => latencyOf(instance, version, changedAt));
  latencies.sort((a, b) => a - b);
  return {
    version,
    instances: alive.length,
    enforcing: enforcing.length,
    p99Ms: latencies.length === 0 ? null : (latencies[Math.ceil(0.99 * latencies.length) - 1] ?? null),
    behind: behind.slice(0, MAX_NAMED).map(({ name }) => name),
    behindTotal: behind.length,
    vanished: vanished.slice(0, MAX_NAMED).map(({ name }) => name),
    vanishedTotal: vanished.length,
  };
}

/** Of the first receipt that covers the version; none where it was there before the receipts that are kept. */
function latencyOf({ applied, since }: Instance, version: number, changedAt: number): number[] {
  const covering = applied.filter(([one]) => one >= version).at(-1);
  const before = applied.some(([one]) => one < version);
  // An instance that came up later had it from its first snapshot: that says nothing of how soon it would have come.
  if (covering === undefined || !before || since > changedAt) return [];
  return [Math.max(0, covering[1] - changedAt)];
}
