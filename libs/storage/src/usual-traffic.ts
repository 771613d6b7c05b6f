/**
 * What is usual at a time, for people's eyes beside a chart: of whole services what the model has learnt (crowd/usual-minutes.ts); of
 * an endpoint, or before that is known, the same minutes of the days before, from the roll-ups. Alerts about floods rest on neither.
 */
import type { UsualPoint } from '@plimsoll/contracts';
import type { UsualTraffic } from '@plimsoll/detection';
import { and, eq, gte, lt, min, or, sql } from 'drizzle-orm';
import type { Database } from './database.js';
import { trafficMinute } from './schema.js';
import type { SeriesRange } from './traffic-queries.js';
import { withinServices } from './within.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Days that are looked at; half of them for a series longer than two hours, which reads as many rows again. */
const DAYS = 14;
const SHORT_MINUTES = 120;
/** Fewer say nothing. */
const LEAST = 3;
/** The band leaves out a tenth of the days at each end. */
const LOW = 0.1;
const HIGH = 0.9;

/** What was learnt of a service that was silent for so long says nothing of it any more. */
const FORGOTTEN_MS = 7 * DAY_MS;
const SLOT_MS = 30 * MINUTE_MS;

/** A point for each bucket of the range, oldest first; the bands of several services are added up. Empty where nothing is known. */
export function learntTraffic(all: readonly UsualTraffic[], range: Omit<SeriesRange, 'within'>): UsualPoint[] {
  const known = all.filter(({ minute, bands }) => bands.length > 0 && range.until - minute * MINUTE_MS < FORGOTTEN_MS);
  if (known.length === 0) return [];
  const bucketMs = range.bucketMinutes * MINUTE_MS;
  const last = Math.floor(range.until / bucketMs) * bucketMs;
  const buckets = Math.ceil(range.minutes / range.bucketMinutes);
  return Array.from({ length: buckets }, (_, index) => {
    const ts = last - (buckets - 1 - index) * bucketMs;
    const point = { ts, low: 0, high: 0 };
    for (let minute = 0; minute < range.bucketMinutes; minute += 1) {
      const slot = Math.floor((ts + minute * MINUTE_MS) / SLOT_MS);
      for (const { bands } of known) {
        const [low, high] = bands[slot % bands.length] ?? [0, 0];
        point.low += low;
        point.high += high;
      }
    }
    return point;
  });
}

/** By linear interpolation between the two nearest. */
function quantile(sorted: readonly number[], q: number): number {
  const place = q * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}

/** A point for each bucket of the range, oldest first; empty where fewer than {@link LEAST} days are known. */
export async function usualTraffic(db: Database, range: SeriesRange): Promise<UsualPoint[]> {
  const bucketMs = range.bucketMinutes * MINUTE_MS;
  const last = Math.floor(range.until / bucketMs) * bucketMs;
  const buckets = Math.ceil(range.minutes / range.bucketMinutes);
  const first = last - (buckets - 1) * bucketMs;
  const of = and(
    withinServices(trafficMinute.service, range.within),
    range.service === undefined ? undefined : eq(trafficMinute.service, range.service),
    range.endpoint === undefined ? undefined : eq(trafficMinute.endpoint, range.endpoint),
  );
  const [known] = await db
    .select({ since: min(trafficMinute.minute) })
    .from(trafficMinute)
    .where(of);
  if (known?.since == null) return [];
  const days = range.minutes > SHORT_MINUTES ? DAYS / 2 : DAYS;
  const shifts = Array.from({ length: days }, (_, index) => (index + 1) * DAY_MS);
  const whole = shifts.filter((shift) => first - shift >= known.since!);
  if (whole.length < LEAST) return [];
  const times = whole.map((shift) =>
    and(gte(trafficMinute.minute, first - shift), lt(trafficMinute.minute, last + bucketMs - shift)),
  );
  const bucket = sql<number>`(${trafficMinute.minute} - mod(${trafficMinute.minute}, ${sql.raw(String(bucketMs))}))`.mapWith(
    Number,
  );
  const rows = await db
    .select({ ts: bucket, requests: sql<number>`sum(${trafficMinute.requests})`.mapWith(Number) })
    .from(trafficMinute)
    .where(and(of, or(...times)))
    .groupBy(bucket);
  const found = new Map(rows.map(({ ts, requests }) => [ts, requests]));
  return Array.from({ length: buckets }, (_, index) => first + index * bucketMs).map((ts) => {
    const counts = whole.map((shift) => found.get(ts - shift) ?? 0).sort((a, b) => a - b);
    return { ts, low: quantile(counts, LOW), high: quantile(counts, HIGH) };
  });
}
