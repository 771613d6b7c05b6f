/**
 * GCRA, the generic cell rate algorithm (ITU-T I.371): a throttle as one number, with no cliff at a window's edge.
 * `tat` is the theoretical arrival time of the next request, in the same milliseconds as `now`.
 * In any span of w ms at most w * requests / window + burst requests are admitted.
 */
import type { RateLimit } from '@plimsoll/contracts';

/** What a throttle leaves this instance now. */
export type Allotment =
  /** Its limit alone counts. */
  | { type: 'whole' }
  /** That many requests, until the server's next word. */
  | { type: 'counted'; left: number }
  /** This part of its limit, 0 to 1. */
  | { type: 'part'; part: number };

/** How many requests may come at once: a tenth of the limit, at least 5 (or all, where the limit is smaller). */
export function burstOf(rate: RateLimit): number {
  return Math.max(1, Math.min(5, Math.floor(rate.requests)), Math.floor(rate.requests / 10));
}

export interface Gcra {
  admitted: boolean;
  /** To be stored where the request is really let through. */
  tat: number;
  /** 0 where admitted. */
  waitMs: number;
}

/**
 * One request at `now` against a throttle whose state is `tat` (any number below `now` for a fresh one). The emission
 * interval is the window shared out evenly among its requests: who keeps it is never refused. The tolerance lets `burst`
 * requests come at once, since clients do not send evenly, and is all that they can ever be ahead.
 */
export function gcra(rate: RateLimit, tat: number, now: number, burst = burstOf(rate)): Gcra {
  const interval = (rate.windowSeconds * 1000) / rate.requests;
  const tolerance = (burst - 1) * interval;
  // A clock that stepped back must not lock anyone out for longer than an empty bucket would.
  const due = Math.min(tat, now + tolerance + interval);
  const waitMs = Math.max(0, due - tolerance - now);
  // A hair of slack for rounding: 1e-6 ms.
  const admitted = waitMs <= 1e-6;
  return { admitted, tat: admitted ? Math.max(due, now) + interval : due, waitMs: admitted ? 0 : waitMs };
}

/** The same, where other instances admit requests against this throttle too: `allotment` is what they leave here. */
export function admit(rate: RateLimit, tat: number, now: number, allotment: Allotment): Gcra {
  if (allotment.type === 'part') {
    // Never nothing: a part of 0 was that of an instance without demand.
    const requests = Math.max(rate.requests * allotment.part, 1e-6);
    return gcra({ ...rate, requests }, tat, now, Math.max(1, burstOf(rate) * allotment.part));
  }
  const alone = gcra(rate, tat, now);
  if (!alone.admitted || allotment.type === 'whole' || allotment.left >= 1) return alone;
  return { admitted: false, tat, waitMs: Math.max(1, (rate.windowSeconds * 1000) / rate.requests) };
}
