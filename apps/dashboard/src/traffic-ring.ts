/**
 * The last five minutes of traffic, second by second and service by service, as the live channel tells it. Fixed-size
 * rings: memory does not grow however long the page stays open. A tick for a second that is already there replaces it,
 * since the gateway sends the latest count of a second, not an increment. Services beyond the cap are counted, not kept.
 */
import type { TrafficTick } from '@plimsoll/contracts';

export const RING_SECONDS = 300;
const MAX_SERVICES = 100;
const FIELDS = ['requests', 'errors', 'throttled', 'blocked'] as const;

export type TrafficSecond = Omit<TrafficTick, 'service'>;

interface Ring {
  /** Which second each slot holds; 0 where none. */
  seconds: Float64Array;
  counts: Float64Array;
}

export interface TrafficRing {
  add(ticks: readonly TrafficTick[]): void;
  /** One entry a second for [from, to], gaps as zeros, at most RING_SECONDS of them. All services where none is named. */
  series(from: number, to: number, service?: string): TrafficSecond[];
  /** Oldest second heard of since the page was opened, or 0. */
  readonly oldest: number;
  /** Newest second heard of, or 0. */
  readonly newest: number;
  /** Changes with every add; for useSyncExternalStore. */
  readonly version: number;
  /** Ticks of services beyond the cap, or older than the ring. */
  readonly dropped: number;
  subscribe(listener: () => void): () => void;
}

export function createTrafficRing(): TrafficRing {
  const rings = new Map<string, Ring>();
  const listeners = new Set<() => void>();
  let oldest = 0;
  let newest = 0;
  let version = 0;
  let dropped = 0;

  const ringOf = (service: string): Ring | undefined => {
    const known = rings.get(service);
    if (known || rings.size >= MAX_SERVICES) return known;
    const ring = { seconds: new Float64Array(RING_SECONDS), counts: new Float64Array(RING_SECONDS * FIELDS.length) };
    rings.set(service, ring);
    return ring;
  };

  const put = (tick: TrafficTick) => {
    const ring = ringOf(tick.service);
    const slot = tick.second % RING_SECONDS;
    if (!ring || !(tick.second > 0) || (ring.seconds[slot] ?? 0) > tick.second) {
      dropped += 1;
      return;
    }
    ring.seconds[slot] = tick.second;
    FIELDS.forEach((field, index) => {
      ring.counts[slot * FIELDS.length + index] = tick[field];
    });
    newest = Math.max(newest, tick.second);
    oldest = oldest ? Math.min(oldest, tick.second) : tick.second;
  };

  const at = (second: number, chosen: Ring[]): TrafficSecond => {
    const sum = { second, requests: 0, errors: 0, throttled: 0, blocked: 0 };
    const slot = second % RING_SECONDS;
    for (const ring of chosen) {
      if (ring.seconds[slot] !== second) continue;
      FIELDS.forEach((field, index) => {
        sum[field] += ring.counts[slot * FIELDS.length + index] ?? 0;
      });
    }
    return sum;
  };

  return {
    add: (ticks) => {
      for (const tick of ticks) put(tick);
      version += 1;
      for (const listener of listeners) listener();
    },
    series: (from, to, service) => {
      const chosen = service === undefined ? [...rings.values()] : [rings.get(service)].filter((ring) => ring !== undefined);
      const first = Math.max(from, to - RING_SECONDS + 1);
      return Array.from({ length: Math.max(0, to - first + 1) }, (_, index) => at(first + index, chosen));
    },
    get oldest() {
      return oldest;
    },
    get newest() {
      return newest;
    },
    get version() {
      return version;
    },
    get dropped() {
      return dropped;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
