/** Seconds of live traffic up to now, also while nothing arrives: a quiet service shows a flat line, not a frozen one. */
import { useQuery } from '@tanstack/react-query';
import { trafficRing, useTrafficVersion } from '../live-wiring.js';
import { trafficQuery } from '../queries.js';
import type { TrafficSecond } from '../traffic-ring.js';
import { useNow } from '../ui/time.js';
import { backfill } from './samples.js';

/** An SDK ships for a second, a worker reports for one, the gateway gathers for one: the newest seconds are not complete, and would look like a fall. */
const LAG_SECONDS = 4;

export function useLiveSeconds(length: number, service?: string): TrafficSecond[] {
  useTrafficVersion();
  const end = Math.floor(useNow() / 1000) - LAG_SECONDS;
  // A server clock that is ahead of the estimate must not hide what has arrived.
  const last = Math.max(end, Math.min(trafficRing.newest - LAG_SECONDS, end + 5));
  return trafficRing.series(last - length + 1, last, service);
}

/** The same, with the minutes before the page was opened from the roll-ups, asked for once. */
export function useBackfilledSeconds(length: number, service?: string): TrafficSecond[] {
  const seconds = useLiveSeconds(length, service);
  const past = useQuery({
    ...trafficQuery({ minutes: 5, bucketMinutes: 1, ...(service && { service }) }),
    refetchInterval: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return past.data ? backfill(seconds, trafficRing.oldest, past.data.points, past.dataUpdatedAt) : seconds;
}
