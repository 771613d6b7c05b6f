/** What the pages ask about access: what the person signed in may do, and the access policy itself. */
import { queryOptions } from '@tanstack/react-query';
import { callOperation } from './api.js';

/** Who is signed in, and what that person may do. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => callOperation('me', {}, signal),
  refetchInterval: 60_000,
});

/** What the person signed in may do in a service. */
export const allowedQuery = (service: string) =>
  queryOptions({
    queryKey: ['me', 'in', service],
    queryFn: ({ signal }) => callOperation('allowed', { params: { id: service } }, signal),
    refetchInterval: 60_000,
  });

export const accessPoliciesQuery = queryOptions({
  queryKey: ['access-policies'],
  queryFn: ({ signal }) => callOperation('accessPolicies', {}, signal),
});
