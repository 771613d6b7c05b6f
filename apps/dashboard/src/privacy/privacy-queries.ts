/** What the pages ask about privacy: whether ids are shown, and what came of erasures. */
import { queryOptions } from '@tanstack/react-query';
import { callOperation } from '../api.js';

export const privacyQuery = queryOptions({
  queryKey: ['privacy'],
  queryFn: ({ signal }) => callOperation('privacy', {}, signal),
});

/** Asked again every second while one is under way. */
export const erasuresQuery = queryOptions({
  queryKey: ['erasures'],
  queryFn: ({ signal }) => callOperation('erasures', {}, signal),
  refetchInterval: ({ state }) => (state.data?.items.some(({ doneAt }) => doneAt === null) ? 1_000 : 30_000),
});
