/** How well detection works in a service: asked for by its own page, and where a limit is told that the alert budget stretches. */
import { queryOptions } from '@tanstack/react-query';
import { callOperation } from '../api.js';

export const detectionQuery = (service: string) =>
  queryOptions({
    queryKey: ['detection', service],
    queryFn: ({ signal }) => callOperation('detection', { params: { id: service } }, signal),
    refetchInterval: 15_000,
  });
