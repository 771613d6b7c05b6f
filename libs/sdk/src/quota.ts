/**
 * What a throttle leaves its client, and the fields that say so: RateLimit-Policy and RateLimit of the IETF draft
 * draft-ietf-httpapi-ratelimit-headers-11, structured fields (RFC 9651) with integers in seconds. Names tell whom a
 * throttle is about and whether it holds on this endpoint alone; ids and reasons of decisions stay inside.
 */
import type { FeedDecision, RateLimit } from '@plimsoll/contracts';
import { burstOf } from './throttle.js';

/** One throttle as its client may know it. */
export interface Quota {
  /** `actor`, `credential` or `address`, with `-endpoint` where it holds on one endpoint. */
  name: string;
  /** Requests in `windowSeconds`; both whole and at least 1. */
  requests: number;
  windowSeconds: number;
  /** How many more may come at once. */
  remaining: number;
  /** Until `remaining` is as large as it gets; where none remains, until the next one is admitted. */
  resetSeconds: number;
}

/** `tat` is the throttle's state with this request counted, where it was admitted, see throttle.ts; `left` what other instances leave. */
export function quotaOf(
  decision: FeedDecision,
  rate: RateLimit,
  at: { tat: number; waitMs: number; now: number; left: number },
): Quota {
  const interval = (rate.windowSeconds * 1000) / rate.requests;
  const backlog = Math.max(0, at.tat - at.now);
  const room = Math.floor(burstOf(rate) - backlog / interval + 1e-9);
  const remaining = at.waitMs > 0 ? 0 : Math.max(0, Math.min(room, Math.floor(at.left)));
  const nextMs = at.waitMs > 0 ? at.waitMs : Math.max(0, backlog - (burstOf(rate) - 1) * interval);
  return {
    name: decision.endpoint === null ? decision.subject.type : `${decision.subject.type}-endpoint`,
    ...wholeRate(rate),
    remaining,
    // A hair of slack for rounding, as in throttle.ts: 30 s are not to become 31.
    resetSeconds: Math.max(0, Math.ceil((remaining > 0 ? backlog : nextMs) / 1000 - 1e-6)),
  };
}

/** The draft knows no fractions: half a request a second is one in two seconds. */
function wholeRate({ requests, windowSeconds }: RateLimit): Pick<Quota, 'requests' | 'windowSeconds'> {
  const scale = Math.max(1, 1 / requests, 1 / windowSeconds);
  return { requests: Math.max(1, Math.round(requests * scale)), windowSeconds: Math.max(1, Math.round(windowSeconds * scale)) };
}

/** RateLimit-Policy and RateLimit; of several throttles with one name the tightest is told, as names must be unique. */
export function quotaFields(quotas: readonly Quota[]): Record<string, string> {
  const told = new Map<string, Quota>();
  for (const quota of quotas) {
    const other = told.get(quota.name);
    if (!other || tighter(quota, other)) told.set(quota.name, quota);
  }
  const all = [...told.values()];
  return {
    'ratelimit-policy': all.map(({ name, requests, windowSeconds }) => `"${name}";q=${requests};w=${windowSeconds}`).join(', '),
    ratelimit: all.map(({ name, remaining, resetSeconds }) => `"${name}";r=${remaining};t=${resetSeconds}`).join(', '),
  };
}

const tighter = (one: Quota, other: Quota): boolean =>
  one.remaining < other.remaining || (one.remaining === other.remaining && one.resetSeconds > other.resetSeconds);
