/** What follows from the receipts of all instances of a service: how many enforce a version, how soon they did, who is behind, who has vanished. */
import type { Instance, Reach } from './receipt.js';

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
