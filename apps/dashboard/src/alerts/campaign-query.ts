/** The size of one campaign, for an alert of it. The live channel asks again for whatever begins with the key of campaigns' sizes. */
import { queryOptions } from '@tanstack/react-query';
import { callOperation } from '../api.js';

/** How many alerts belong to the campaign that this one leads, in whatever state. */
export const campaignSizeQuery = (id: string) =>
  queryOptions({
    queryKey: ['campaign-sizes', 'of', id],
    queryFn: async ({ signal }) =>
      (await callOperation('campaignSizes', { query: { alerts: id } }, signal)).items[0]?.alerts ?? 0,
  });
