/** What the setup of a service asks for: it waits for the first request, and for an attack on the demo to end. */
import { queryOptions } from '@tanstack/react-query';
import { callOperation } from '../api.js';

/** Somebody waits and looks. */
const SOON_MS = 1_000;

/** The same entries as the service's page has, asked for each second until there is something: the caller's interval of them. */
export const untilSomething = ({ state }: { state: { data?: { items: readonly unknown[] } | undefined } }): number =>
  state.data?.items.length ? 15_000 : SOON_MS;

export const attackQuery = (service: string) =>
  queryOptions({
    queryKey: ['attack', service],
    queryFn: ({ signal }) => callOperation('demoAttack', { params: { id: service } }, signal),
    refetchInterval: ({ state }) => (state.data?.course?.endedAt === null ? SOON_MS : false),
  });
