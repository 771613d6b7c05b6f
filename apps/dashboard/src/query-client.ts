/**
 * The page's one cache of what the server said, and the rules for asking and for changing. Above all: a change is made now or not at
 * all. By its own default the library keeps changes that are asked for without a network and sends them when there is one again: a
 * block that nobody waits for any more would fire minutes later, unseen.
 */
import { MutationCache, onlineManager, QueryClient } from '@tanstack/react-query';
import { ApiError } from './http.js';

/** A refusal will not change by asking again; an unreachable server may come back. */
function worthRetrying(failures: number, error: Error): boolean {
  const refused = error instanceof ApiError && error.status >= 400 && error.status < 500;
  return !refused && failures < 2;
}

/**
 * Before anything is shown or sent. What a mutation's own `onError` does, follows.
 * @throws ApiError `offline`, where the browser says that it has no network.
 */
function refuseOffline(): void {
  if (!onlineManager.isOnline()) throw new ApiError({ type: 'offline' });
}

export const queryClient = new QueryClient({
  mutationCache: new MutationCache({ onMutate: refuseOffline }),
  defaultOptions: {
    // The live channel says when something changed; coming back to the tab asks again in any case.
    // Lists are patched in place, item by item: comparing them deeply again at every event would cost seconds in a flood.
    queries: {
      structuralSharing: false,
      staleTime: 10_000,
      gcTime: 5 * 60_000,
      retry: worthRetrying,
      retryDelay: (n) => 400 * 2 ** n,
    },
    // `always`: never kept for later.
    mutations: { retry: false, networkMode: 'always' },
  },
});
