/**
 * Fetches the code of all pages and charts once the first page stands: a page that is opened while the server restarts,
 * or after an upgrade that renamed the files, must not fail for want of its code.
 */
import { preloadCharts } from './charts/lazy.js';
import { router } from './router.js';

const QUIET_MS = 1_500;

export function preloadSoon(): void {
  setTimeout(() => {
    const pages = Object.values(router.routesById).map((route) => router.loadRouteChunk(route));
    // What cannot be fetched now is fetched, and its failure shown, when it is needed.
    void Promise.allSettled([...pages, ...preloadCharts()]);
  }, QUIET_MS);
}
