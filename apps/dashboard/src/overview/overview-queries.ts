/** What the first screen asks for beside its counts (queries.ts). The keys are those of `live-intake.ts`. */
import { queryOptions } from '@tanstack/react-query';
import { callOperation } from '../api.js';

/** What is usual in the buckets of such a series. It moves with the clock, not with the traffic. */
export const usualQuery = (query: { service?: string; endpoint?: string; minutes: number; bucketMinutes: number }) =>
  queryOptions({
    queryKey: ['usual-traffic', query],
    queryFn: ({ signal }) => callOperation('usualTraffic', { query }, signal),
    refetchInterval: query.bucketMinutes * 60_000,
    staleTime: 60_000,
    placeholderData: (previous) => previous,
  });

export const deviatingQuery = queryOptions({
  queryKey: ['deviating'],
  queryFn: ({ signal }) => callOperation('deviating', {}, signal),
  refetchInterval: 15_000,
});

export const pipelineQuery = queryOptions({
  queryKey: ['pipeline'],
  queryFn: ({ signal }) => callOperation('pipeline', {}, signal),
  refetchInterval: 5_000,
});
