/** What the pages of actors, addresses and endpoints ask for. */
import type { SourceType, SubjectType } from '@plimsoll/contracts';
import { queryOptions } from '@tanstack/react-query';
import { callOperation } from '../api.js';
import { serverNow } from '../clock.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Asked from two characters on. */
export const searchQuery = (text: string) =>
  queryOptions({
    queryKey: ['search', text],
    queryFn: ({ signal }) => callOperation('search', { query: { text } }, signal),
    enabled: text.length >= 2,
    placeholderData: (previous) => previous,
  });

export const outlookQuery = (service: string, type: SourceType, subject: string) =>
  queryOptions({
    queryKey: ['outlook', service, type, subject],
    queryFn: ({ signal }) => callOperation('outlook', { params: { id: service }, query: { type, subject } }, signal),
    refetchInterval: 10_000,
  });

export const endpointBaselineQuery = (service: string, endpoint: string) =>
  queryOptions({
    queryKey: ['endpoint-baseline', service, endpoint],
    queryFn: ({ signal }) => callOperation('endpointBaseline', { params: { id: service }, query: { endpoint } }, signal),
    refetchInterval: 30_000,
  });

/** What of the history is about a subject; a service as a whole for any other type. */
const partyOf = (type: SubjectType, id: string): { actor?: string; address?: string; credential?: string; endpoint?: string } =>
  type === 'service' ? {} : { [type]: id };

/** The history is seconds behind: whoever was met just now is asked for again soon, until there is something. */
const SOON_MS = 5_000;
/** The same where there is no history, or none yet: the first request that is kept shows by itself. */
const NONE_YET_MS = 15_000;

/** Of the last week; of a service as a whole, which is everybody, of the last day. Where the history is off, that is the answer. */
export const contactsQuery = (service: string, type: SubjectType, id: string) =>
  queryOptions({
    queryKey: ['contacts', service, type, id],
    queryFn: ({ signal }) => {
      const now = serverNow();
      return callOperation(
        'contacts',
        { query: { service, ...partyOf(type, id), from: now - (type === 'service' ? 1 : 7) * DAY_MS, to: now + 1 } },
        signal,
      );
    },
    refetchInterval: ({ state }) => (state.error ? NONE_YET_MS : state.data?.addresses.length === 0 ? SOON_MS : 60_000),
  });

/** Requests by the hour, of four weeks. */
export const hoursQuery = (service: string, type: SubjectType, id: string) =>
  queryOptions({
    queryKey: ['hours', service, type, id],
    queryFn: ({ signal }) => {
      const to = Math.ceil(serverNow() / HOUR_MS) * HOUR_MS;
      const query = { service, ...partyOf(type, id), from: to - 28 * DAY_MS, to, buckets: 680 };
      return callOperation('histogram', { query }, signal);
    },
    refetchInterval: ({ state }) =>
      state.error ? NONE_YET_MS : state.data?.buckets.every(({ requests }) => requests === 0) ? SOON_MS : 300_000,
  });
