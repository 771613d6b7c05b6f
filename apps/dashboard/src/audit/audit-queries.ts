/** What the page of the audit asks the server for. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { callOperation } from '../api.js';
import type { AuditSearch } from './search.js';

const PAGE_SIZE = 100;

export const auditQuery = (filter: AuditSearch) =>
  infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) =>
      callOperation('audit', { query: { ...filter, limit: PAGE_SIZE, cursor: pageParam } }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    refetchInterval: ({ state }) => (state.data && state.data.pages.length > 1 ? false : 15_000),
  });

export const auditStateQuery = queryOptions({
  queryKey: ['audit-state'],
  queryFn: ({ signal }) => callOperation('auditState', {}, signal),
  refetchInterval: 15_000,
});
