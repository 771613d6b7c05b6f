/**
 * What the pages ask the server for, each under one key. The keys are the contract with `live-cache.ts`, which patches
 * these entries when the live channel speaks; the intervals are the net below it for counts that no event carries.
 */
import type { AlertKind, AlertState, DecisionMode, EnforceableSubject, Severity, SubjectType } from '@plimsoll/contracts';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { callOperation } from './api.js';

export interface AlertFilters {
  state?: AlertState[] | undefined;
  kind?: AlertKind[] | undefined;
  severity?: Severity[] | undefined;
  service?: string | undefined;
  /** A part of the subject's id. */
  subject?: string | undefined;
  subjectType?: SubjectType | undefined;
  subjectId?: string | undefined;
  endpoint?: string | undefined;
  text?: string | undefined;
  /** A person's id, or `none`. */
  assignee?: string | undefined;
  mentioned?: true | 'unanswered' | undefined;
  campaign?: string | undefined;
  group?: 'campaign' | undefined;
  since?: number | undefined;
  before?: number | undefined;
}

export interface DecisionFilters {
  active?: boolean | undefined;
  mode?: DecisionMode | undefined;
  origin?: 'policy' | 'person' | undefined;
  service?: string | undefined;
  /** A part of the subject's id. */
  subject?: string | undefined;
  subjectType?: EnforceableSubject['type'] | undefined;
  subjectId?: string | undefined;
  /** What holds on it: on it alone, or everywhere. */
  endpoint?: string | undefined;
  order?: 'ending' | undefined;
}

/** What of the history; both ends are named, so that a list, its chart and its file are about the same time. */
export interface HistoryFilters {
  service: string;
  actor?: string | undefined;
  address?: string | undefined;
  credential?: string | undefined;
  endpoint?: string | undefined;
  method?: string | undefined;
  status?: string | undefined;
  verdict?: string | undefined;
  path?: string | undefined;
  from: number;
  to: number;
}

const PAGE_SIZE = 100;
const list = (values: readonly string[] | undefined) => (values?.length ? values.join(',') : undefined);

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => callOperation('overview', {}, signal),
  refetchInterval: 15_000,
});

/** Buckets of the roll-ups; `endpoint` needs `service`. */
export const trafficQuery = (query: { service?: string; endpoint?: string; minutes: number; bucketMinutes: number }) =>
  queryOptions({
    queryKey: ['traffic', query],
    queryFn: ({ signal }) => callOperation('traffic', { query }, signal),
    refetchInterval: 15_000,
    placeholderData: (previous) => previous,
  });

export const endpointsQuery = (service: string) =>
  queryOptions({
    queryKey: ['endpoints', service],
    queryFn: ({ signal }) => callOperation('endpoints', { params: { id: service } }, signal),
    refetchInterval: 30_000,
  });

export const alertsQuery = (filters: AlertFilters, limit = PAGE_SIZE) =>
  infiniteQueryOptions({
    queryKey: ['alerts', filters, limit],
    queryFn: ({ pageParam, signal }) =>
      callOperation(
        'alerts',
        {
          query: {
            limit,
            cursor: pageParam,
            ...filters,
            mentioned: filters.mentioned === true ? 'true' : filters.mentioned,
            state: list(filters.state),
            kind: list(filters.kind),
            severity: list(filters.severity),
          },
        },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });

/** The API takes so many at a time, and a list asks for its first of them alone. */
const SIZES = { atATime: 100, most: 500 };

/** For how many alerts each row of a list by campaign stands, in the states that the list is about; asked of the rows that lead. */
export const campaignSizesQuery = (filters: AlertFilters) =>
  queryOptions({
    queryKey: ['campaign-sizes', filters],
    queryFn: async ({ client, signal }) => {
      const pages = client.getQueryData(alertsQuery(filters).queryKey)?.pages ?? [];
      const ids = pages.flatMap(({ items }) => items.flatMap(({ id, leads }) => (leads ? [id] : []))).slice(0, SIZES.most);
      const sizes = new Map<string, number>();
      for (let from = 0; from < ids.length; from += SIZES.atATime) {
        const query = { alerts: ids.slice(from, from + SIZES.atATime).join(','), state: list(filters.state) };
        const { items } = await callOperation('campaignSizes', { query }, signal);
        for (const { id, alerts } of items) sizes.set(id, alerts);
      }
      return sizes;
    },
    refetchInterval: 15_000,
  });

export const alertQuery = (id: string) =>
  queryOptions({
    queryKey: ['alert', id],
    queryFn: ({ signal }) => callOperation('alert', { params: { id } }, signal),
  });

export const alertHistoryQuery = (id: string) =>
  queryOptions({
    queryKey: ['alert-history', id],
    queryFn: ({ signal }) => callOperation('alertHistory', { params: { id } }, signal),
  });

export const relatedQuery = (id: string) =>
  queryOptions({
    queryKey: ['related', id],
    queryFn: ({ signal }) => callOperation('relatedAlerts', { params: { id } }, signal),
  });

export const assigneesQuery = queryOptions({
  queryKey: ['assignees'],
  queryFn: ({ signal }) => callOperation('assignees', {}, signal),
});

export const savedViewsQuery = queryOptions({
  queryKey: ['saved-views'],
  queryFn: ({ signal }) => callOperation('savedViews', {}, signal),
});

export const seenQuery = queryOptions({
  queryKey: ['seen'],
  queryFn: ({ signal }) => callOperation('seen', {}, signal),
  staleTime: 60_000,
});

export const decisionsQuery = (filters: DecisionFilters) =>
  infiniteQueryOptions({
    queryKey: ['decisions', filters],
    queryFn: ({ pageParam, signal }) =>
      callOperation(
        'decisions',
        {
          query: {
            limit: PAGE_SIZE,
            cursor: pageParam,
            ...filters,
            active: filters.active === undefined ? undefined : filters.active ? 'true' : 'false',
          },
        },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });

/** Whom the policies of a service would have held back in the last week. */
export const dryRunQuery = (service: string) =>
  queryOptions({
    queryKey: ['dry-run', service],
    queryFn: ({ signal }) => callOperation('dryRun', { params: { id: service }, query: { days: 7 } }, signal),
    refetchInterval: 15_000,
  });

export const servicesQuery = queryOptions({
  queryKey: ['services'],
  queryFn: ({ signal }) => callOperation('services', {}, signal),
});

export const installationQuery = queryOptions({
  queryKey: ['installation'],
  queryFn: ({ signal }) => callOperation('installation', {}, signal),
  staleTime: Number.POSITIVE_INFINITY,
});

export const instancesQuery = (service: string) =>
  queryOptions({
    queryKey: ['instances', service],
    queryFn: ({ signal }) => callOperation('instances', { params: { id: service } }, signal),
    refetchInterval: 15_000,
  });

export const doorQuery = (service: string) =>
  queryOptions({
    queryKey: ['door', service],
    queryFn: ({ signal }) => callOperation('door', { params: { id: service } }, signal),
    refetchInterval: 30_000,
  });

export const keysQuery = (service: string) =>
  queryOptions({
    queryKey: ['keys', service],
    queryFn: ({ signal }) => callOperation('keys', { params: { id: service } }, signal),
  });

export const historyQuery = (service: string) =>
  queryOptions({
    queryKey: ['history', service],
    queryFn: ({ signal }) => callOperation('history', { query: { service } }, signal),
    refetchInterval: 30_000,
  });

export const requestsQuery = (filter: HistoryFilters) =>
  infiniteQueryOptions({
    queryKey: ['requests', filter],
    queryFn: ({ pageParam, signal }) =>
      callOperation('searchRequests', { query: { ...filter, limit: PAGE_SIZE, cursor: pageParam } }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });

export const histogramQuery = (filter: HistoryFilters) =>
  queryOptions({
    queryKey: ['histogram', filter],
    queryFn: ({ signal }) => callOperation('histogram', { query: { ...filter, buckets: 80 } }, signal),
    placeholderData: (previous) => previous,
  });

export const neighboursQuery = (service: string, request: { id: string; ts: number }, of: 'actor' | 'address') =>
  queryOptions({
    queryKey: ['neighbours', service, request.id, request.ts, of],
    queryFn: ({ signal }) =>
      callOperation(
        'neighbours',
        { params: { id: request.id }, query: { service, ts: request.ts, of, before: 5, after: 5 } },
        signal,
      ),
  });

const moving = (states: readonly string[]) => states.some((state) => state === 'queued' || state === 'running');

/** Asked again every second while one waits or runs. */
export const backtestsQuery = queryOptions({
  queryKey: ['backtests'],
  queryFn: ({ signal }) => callOperation('backtests', { query: { limit: 50 } }, signal),
  refetchInterval: ({ state }) => (moving(state.data?.items.map((each) => each.state) ?? []) ? 1_000 : 15_000),
});

export const backtestQuery = (id: string) =>
  queryOptions({
    queryKey: ['backtest', id],
    queryFn: ({ signal }) => callOperation('backtest', { params: { id } }, signal),
    refetchInterval: ({ state }) => (moving([state.data?.backtest.state ?? 'done']) ? 1_000 : false),
  });

/** The own passkeys, sessions, recovery codes and notices. */
export const accountQuery = queryOptions({
  queryKey: ['account'],
  queryFn: ({ signal }) => callOperation('account', {}, signal),
  staleTime: 60_000,
});

export const membersQuery = queryOptions({
  queryKey: ['members'],
  queryFn: ({ signal }) => callOperation('members', {}, signal),
});

export const memberSessionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['members', id],
    queryFn: ({ signal }) => callOperation('memberSessions', { params: { id } }, signal),
  });

export const approvalsQuery = queryOptions({
  queryKey: ['approvals'],
  queryFn: ({ signal }) => callOperation('approvals', {}, signal),
  refetchInterval: 15_000,
});
