/** Seconds of live traffic up to now, also while nothing arrives: a quiet service shows a flat line, not a frozen one. */
import { useQuery } from '@tanstack/react-query';
import { trafficRing, useTrafficVersion } from '../live-wiring.js';
import { trafficQuery } from '../queries.js';
import type { TrafficSecond } from '../traffic-ring.js';
import { useNow } from '../ui/time.js';
import { backfill } from './samples.js';

/** Workers report a second when it is over and the gateway gathers them: the newest ones are not complete yet. */
const LAG_SECONDS = 2;

export function useLiveSeconds(length: number, service?: string): TrafficSecond[] {
  useTrafficVersion();
  const end = Math.floor(useNow() / 1000) - LAG_SECONDS;
  // A server clock that is ahead of the estimate must not hide what has arrived.
  const last = Math.max(end, Math.min(trafficRing.newest, end + 5));
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
