/** Turns counts of requests into what the traffic chart stacks. */
import type { TrafficPoint, UsualPoint } from '@plimsoll/contracts';
import type { TrafficSample } from '../charts/traffic-chart.js';
import type { TrafficSecond } from '../traffic-ring.js';

type Counts = Pick<TrafficPoint, 'requests' | 'errors' | 'throttled' | 'blocked'>;

const stack = ({ requests, errors, throttled, blocked }: Counts) => ({
  served: Math.max(0, requests - errors - throttled - blocked),
  errors,
  throttled,
  blocked,
});

export const fromSeconds = (seconds: readonly TrafficSecond[]): TrafficSample[] =>
  seconds.map((second) => ({ ts: second.second * 1000, ...stack(second) }));

export const fromPoints = (points: readonly TrafficPoint[]): TrafficSample[] =>
  points.map((point) => ({ ts: point.ts, ...stack(point) }));

/** Standard deviations within which nine of ten counts lie. */
const NINE_OF_TEN = 1.645;

/** The part of a bucket that a sample stands for; a part scatters by itself as well, as counts do (Poisson). */
function partOf({ low, high }: UsualPoint, share: number): [low: number, high: number] {
  const reach = (value: number) => (share < 1 ? NINE_OF_TEN * Math.sqrt(value) : 0);
  return [Math.max(0, low * share - reach(low * share)), high * share + reach(high * share)];
}

/**
 * The samples with what is usual at their time, where it is known.
 * @param bucketMs of the usual points, which are whole buckets
 * @param share of a bucket that one sample stands for
 */
export function withUsual(
  samples: readonly TrafficSample[],
  usual: readonly UsualPoint[],
  bucketMs: number,
  share = 1,
): TrafficSample[] {
  const known = new Map(usual.map((point) => [point.ts, point]));
  return samples.map((sample) => {
    const point = known.get(Math.floor(sample.ts / bucketMs) * bucketMs);
    return point ? { ...sample, usual: partOf(point, share) } : sample;
  });
}

/** Requests a second and share of server errors over some seconds. */
export function rates(seconds: readonly TrafficSecond[]): { perSecond: number; requests: number; errors: number } {
  const requests = seconds.reduce((sum, second) => sum + second.requests, 0);
  const errors = seconds.reduce((sum, second) => sum + second.errors, 0);
  return { perSecond: seconds.length ? requests / seconds.length : 0, requests, errors };
}

/**
 * Seconds from before the page was opened, as the mean of their minute in the roll-ups, so that the chart does not begin
 * with a cliff. `askedAt` (ms) says how much of the last minute the roll-ups can know.
 */
export function backfill(
  seconds: readonly TrafficSecond[],
  oldest: number,
  points: readonly TrafficPoint[],
  askedAt: number,
): TrafficSecond[] {
  const minutes = new Map(points.map((point) => [point.ts / 60_000, point]));
  return seconds.map((second) => {
    const minute = Math.floor(second.second / 60);
    if (oldest > 0 && second.second >= oldest) return second;
    // Of a minute that has just begun the roll-ups know too little: the one before is the better guess.
    const begun = askedAt / 1000 - minute * 60 < 10;
    const point = minutes.get(begun ? minute - 1 : minute);
    if (!point) return second;
    const known = begun ? 60 : Math.min(60, askedAt / 1000 - minute * 60);
    const mean = (value: number) => value / known;
    return {
      second: second.second,
      requests: mean(point.requests),
      errors: mean(point.errors),
      throttled: mean(point.throttled),
      blocked: mean(point.blocked),
    };
  });
}
