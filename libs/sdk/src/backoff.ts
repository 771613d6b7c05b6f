/**
 * How long to wait before the next try: exponential with full jitter, so that a thousand instances do not come back at
 * the same moment, and never earlier than the server asks for by Retry-After.
 */
const FIRST_MS = 250;
const MAX_MS = 30_000;
/** A hostile or broken Retry-After must not silence an instance for a day. */
const MAX_RETRY_AFTER_MS = 300_000;

/** Full jitter: uniform between 0 and min(30 s, 250 ms * 2^attempt); `attempt` counts from 0, `random` is in [0, 1). */
export function backoffMs(attempt: number, random: number): number {
  return random * Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(attempt, 20));
}

/** RFC 9110 Retry-After (seconds or HTTP date) in milliseconds, 0 to 5 minutes; undefined where absent or unreadable. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const wait = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), MAX_RETRY_AFTER_MS) : undefined;
}

/** The wait before the next try: Retry-After plus up to a second of jitter where the server names one, else back-off. */
export function pauseMs(retryAfter: string | undefined, attempt: number, random: number, now: number): number {
  const asked = retryAfterMs(retryAfter, now);
  return asked === undefined ? backoffMs(attempt, random) : asked + random * 1000;
}
