/** Harm previews, as the forms of decisions ask for them. */
import type { HarmQuestion } from '@plimsoll/contracts';
import { queryOptions } from '@tanstack/react-query';
import { callOperation } from '../api.js';

/** Each answer is a line of the audit: the same question is not asked twice within the minute. */
export const harmQuery = (service: string, would: HarmQuestion | undefined, days: number) =>
  queryOptions({
    queryKey: ['harm', service, would, days],
    queryFn: ({ signal }) =>
      would ? callOperation('harmPreview', { body: { service, days, would } }, signal) : Promise.reject(new Error('no question')),
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  });
