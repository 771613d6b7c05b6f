/**
 * Fetches the code of all pages, charts and dialogs once the first page stands: a page that is opened while the server restarts,
 * or after an upgrade that renamed the files, must not fail for want of its code. It waits until the first page has all that
 * it asked for, however long that takes on a slow machine, and then takes one file after the other.
 */
import './charts/lazy.js'; // For their loads: pages that have charts come later.
import { queryClient } from './query-client.js';
import { router } from './router.js';
import { loadsOnDemand } from './ui/on-demand.js';

const LOOK_MS = 500;
/** So many looks in a row at which nothing was under way. */
const QUIET_LOOKS = 3;
/** A page that asks again and again all the same gets the rest after so many. */
const MOST_LOOKS = 60;

const isQuiet = () =>
  document.readyState === 'complete' &&
  router.state.status === 'idle' &&
  queryClient.isFetching() + queryClient.isMutating() === 0;

export function preloadSoon(): void {
  let quiet = 0;
  let looks = 0;
  const timer = setInterval(() => {
    looks += 1;
    quiet = isQuiet() ? quiet + 1 : 0;
    if (quiet < QUIET_LOOKS && looks < MOST_LOOKS) return;
    clearInterval(timer);
    void preload();
  }, LOOK_MS);
}

async function preload(): Promise<void> {
  const pages = Object.values(router.routesById).map((route) => () => router.loadRouteChunk(route));
  for (const load of [...loadsOnDemand, ...pages]) {
    // What cannot be fetched now is fetched, and its failure shown, when it is needed.
    await Promise.resolve(load()).catch(() => {});
  }
}
