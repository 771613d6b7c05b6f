/**
 * The server's clock as seen from this page. Expiry of tokens and decisions is the server's time; a laptop whose clock
 * is minutes off must neither refresh in a loop nor show a decision as ended. The `Date` header has whole seconds, so
 * that differences below two seconds are taken as none.
 */
const TOLERANCE_MS = 2_000;
let skewMs = 0;

/** Learns the difference from an answer's `Date` header. Anything that is no date is ignored. */
export function observeServerDate(header: string | null, now: number = Date.now()): void {
  const date = Date.parse(header ?? '');
  if (Number.isNaN(date)) return;
  const difference = date + 500 - now;
  skewMs = Math.abs(difference) <= TOLERANCE_MS ? 0 : difference;
}

/** Milliseconds since the epoch by the server's clock. */
export function serverNow(now: number = Date.now()): number {
  return now + skewMs;
}
