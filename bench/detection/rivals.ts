/**
 * The detectors that people use today, a few lines each, with their published figures. All judge the same logs; where a
 * rival has no idea of kinds, any alert of its on the right subject counts for it.
 */
import type { AlertKind, RequestLog, Subject } from '@plimsoll/contracts';
import { PublishedLimiter } from '@plimsoll/detection';
import type { Detector, MakeDetector, OnAlarm } from './alarm.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A subject that was quiet for so long raises a new alert: kinder to the rivals than counting each excess. */
const CALM = 10 * MINUTE;

const subjectOf = (log: RequestLog): Subject =>
  log.actor !== undefined && log.authenticated ? { type: 'actor', id: log.actor } : { type: 'address', id: log.ip };

/** Turns excesses into alerts: one a subject and key until it was calm. */
class Alerts {
  readonly #last = new Map<string, number>();

  constructor(private readonly onAlarm: OnAlarm) {}

  raise(ts: number, key: string, subject: Subject, kind?: AlertKind): void {
    const before = this.#last.get(key);
    if (this.#last.size > 200_000) for (const [old, at] of this.#last) if (at < ts - CALM) this.#last.delete(old);
    this.#last.set(key, ts);
    if (before !== undefined && ts - before < CALM) return;
    this.onAlarm({ ts, kind, subject, parties: [], opened: true, decides: true });
  }
}

/** More than so many requests of an actor on an endpoint in a clock hour. */
export const fixedLimit =
  (limit: number): MakeDetector =>
  (onAlarm) => {
    const alerts = new Alerts(onAlarm);
    let counts = new Map<string, number>();
    let hour = 0;
    return {
      name: `fixed limit ${limit}/h`,
      take(log, endpoint) {
        const now = Math.floor(log.ts / HOUR);
        if (now !== hour) counts = new Map();
        hour = now;
        const subject = subjectOf(log);
        const key = `${subject.id} ${endpoint}`;
        const count = (counts.get(key) ?? 0) + 1;
        counts.set(key, count);
        if (count > limit) alerts.raise(log.ts, key, subject);
      },
      finish() {},
    };
  };

/** The article's limiter. */
const published: MakeDetector = (onAlarm) => {
  const alerts = new Alerts(onAlarm);
  const limiter = new PublishedLimiter({ maxPairs: 1_000_000 });
  return {
    name: 'published limiter',
    take(log, endpoint) {
      const subject = subjectOf(log);
      if (!limiter.allow(subject.id, endpoint, log.ts)) alerts.raise(log.ts, `${subject.id} ${endpoint}`, subject);
    },
    finish() {},
  };
};

interface Bucket {
  level: number;
  ts: number;
  distinct: Set<string> | undefined;
}

/** CrowdSec's leaky bucket: holds `capacity`, one leaks each `leakMs`; a distinct one takes each value once while it holds any. */
class Leaky {
  readonly #buckets = new Map<string, Bucket>();

  constructor(
    readonly capacity: number,
    readonly leakMs: number,
    readonly distinct: boolean,
  ) {}

  /** True where the bucket overflows; it is empty afterwards. */
  pour(address: string, ts: number, value: string): boolean {
    let bucket = this.#buckets.get(address);
    const level = bucket ? Math.max(0, bucket.level - (ts - bucket.ts) / this.leakMs) : 0;
    if (!bucket || level === 0) {
      bucket = { level: 0, ts, distinct: this.distinct ? new Set() : undefined };
      this.#buckets.set(address, bucket);
    }
    bucket.level = level;
    bucket.ts = ts;
    if (bucket.distinct?.has(value)) return false;
    bucket.distinct?.add(value);
    bucket.level += 1;
    if (bucket.level <= this.capacity) return false;
    this.#buckets.delete(address);
    return true;
  }
}

const STATIC = /\.(?:webp|png|jpe?g|gif|ico|css|js|woff2?)$/;

/** http-probing (10 distinct, 10 s), http-generic-bf (5, 10 s), http-crawl-non_statics (40 distinct, 0.5 s), by address; `scale` times the capacities. */
export const crowdsec =
  (scale = 1): MakeDetector =>
  (onAlarm) => {
    const alerts = new Alerts(onAlarm);
    const probing = new Leaky(10 * scale, 10_000, true);
    const guessing = new Leaky(5 * scale, 10_000, false);
    const crawling = new Leaky(40 * scale, 500, true);
    return {
      name: 'leaky bucket per address (CrowdSec)',
      take({ ts, ip, path, status, method, auth }) {
        const subject: Subject = { type: 'address', id: ip };
        const missed = status === 404 || status === 403 || status === 400;
        const failed = method === 'POST' && (status === 401 || auth === 'failure');
        if (missed && probing.pour(ip, ts, path)) alerts.raise(ts, `p${ip}`, subject, 'probing');
        if (failed && guessing.pour(ip, ts, '')) alerts.raise(ts, `b${ip}`, subject, 'auth-failures');
        if (!STATIC.test(path) && crawling.pour(ip, ts, path)) alerts.raise(ts, `c${ip}`, subject, 'scraping');
      },
      finish() {},
    };
  };

/** Counts up to this many are told apart. */
const MOST = 2_000;

/** Per endpoint: a quantile of all clients' requests a minute over two days, and so much more. */
class Percentile implements Detector {
  readonly name: string;
  readonly #alerts: Alerts;
  /** By endpoint: how many minutes of a client had so many requests, today and yesterday. */
  readonly #histograms = new Map<string, { today: Uint32Array; before: Uint32Array; limit: number }>();
  #counts = new Map<string, { endpoint: string; count: number }>();
  #minute = 0;
  #hour = 0;

  constructor(
    onAlarm: OnAlarm,
    private readonly quantile: number,
    private readonly more: number,
  ) {
    this.#alerts = new Alerts(onAlarm);
    this.name = `percentile + overflow per endpoint (p${quantile * 100} + ${more * 100} %)`;
  }

  take(log: RequestLog, endpoint: string): void {
    const minute = Math.floor(log.ts / MINUTE);
    if (minute !== this.#minute) this.#turn(minute);
    const subject = subjectOf(log);
    const key = `${subject.id} ${endpoint}`;
    const entry = this.#counts.get(key) ?? { endpoint, count: 0 };
    entry.count += 1;
    this.#counts.set(key, entry);
    if (entry.count > (this.#histograms.get(endpoint)?.limit ?? Number.POSITIVE_INFINITY))
      this.#alerts.raise(log.ts, key, subject);
  }

  finish(): void {}

  #turn(minute: number): void {
    for (const { endpoint, count } of this.#counts.values()) {
      const known = this.#histograms.get(endpoint) ?? {
        today: new Uint32Array(MOST),
        before: new Uint32Array(MOST),
        limit: Infinity,
      };
      this.#histograms.set(endpoint, known);
      const at = Math.min(MOST - 1, count);
      known.today[at] = (known.today[at] ?? 0) + 1;
    }
    this.#counts = new Map();
    this.#minute = minute;
    const hour = Math.floor(minute / 60);
    if (hour === this.#hour) return;
    for (const histogram of this.#histograms.values()) {
      if (Math.floor(hour / 24) !== Math.floor(this.#hour / 24)) {
        histogram.before = histogram.today;
        histogram.today = new Uint32Array(MOST);
      }
      histogram.limit = Math.ceil((1 + this.more) * quantileOf(histogram.today, histogram.before, this.quantile));
    }
    this.#hour = hour;
  }
}

export const percentile =
  (quantile: number, more: number): MakeDetector =>
  (onAlarm) =>
    new Percentile(onAlarm, quantile, more);

/** Infinite while fewer than thirty minutes were seen. */
function quantileOf(today: Uint32Array, before: Uint32Array, quantile: number): number {
  let total = 0;
  for (let count = 0; count < MOST; count += 1) total += (today[count] ?? 0) + (before[count] ?? 0);
  if (total < 30) return Number.POSITIVE_INFINITY;
  let below = 0;
  for (let count = 0; count < MOST; count += 1) {
    below += (today[count] ?? 0) + (before[count] ?? 0);
    if (below >= quantile * total) return count;
  }
  return MOST;
}

interface Average {
  minute: number;
  count: number;
  mean: number;
  variance: number;
  minutes: number;
}

/** Per actor and endpoint: requests of active minutes, exponentially weighted (0.1), `z` standard deviations, 10 minutes' history. */
export const ewma =
  (z: number): MakeDetector =>
  (onAlarm) => {
    const alerts = new Alerts(onAlarm);
    const averages = new Map<string, Average>();
    return {
      name: `EWMA z-score (${z})`,
      take(log, endpoint) {
        const subject = subjectOf(log);
        const key = `${subject.id} ${endpoint}`;
        const minute = Math.floor(log.ts / MINUTE);
        const known = averages.get(key) ?? { minute, count: 0, mean: 0, variance: 0, minutes: 0 };
        averages.set(key, known);
        if (known.minute !== minute) {
          const away = known.count - known.mean;
          known.mean += known.minutes === 0 ? away : 0.1 * away;
          known.variance = 0.9 * (known.variance + (known.minutes === 0 ? 0 : 0.1 * away * away));
          known.minutes += 1;
          known.minute = minute;
          known.count = 0;
        }
        known.count += 1;
        const limit = known.mean + z * Math.sqrt(Math.max(1, known.variance));
        if (known.minutes >= 10 && known.count > limit) alerts.raise(log.ts, key, subject);
      },
      finish() {},
    };
  };

export const RIVALS: readonly MakeDetector[] = [
  fixedLimit(100),
  published,
  crowdsec(),
  percentile(0.75, 0.2),
  percentile(0.9, 0.5),
  ewma(3),
];
