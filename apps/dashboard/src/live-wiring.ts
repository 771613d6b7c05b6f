/** The page's one live channel, one traffic ring and what connects them to the query cache. */
import { useSyncExternalStore } from 'react';
import { Bell, readBell } from './bell.js';
import { serverNow } from './clock.js';
import { type Connection, LiveChannel } from './live.js';
import { createIntake } from './live-intake.js';
import { prover } from './prover.js';
import { queryClient } from './query-client.js';
import { isRinger, notify, playSound } from './ring.js';
import { session } from './session.js';
import { createTrafficRing } from './traffic-ring.js';

export const trafficRing = createTrafficRing();

const intake = createIntake(queryClient);
const bell = new Bell({
  settings: readBell,
  now: serverNow,
  sound: () => isRinger() && playSound(),
  // By a whole load: the router knows this module, not the other way round.
  desktop: (alert) => isRinger() && notify(alert, () => window.location.assign(`/alerts/${encodeURIComponent(alert.id)}`)),
});
export const live = new LiveChannel(session, prover, {
  ...intake,
  alert: (alert) => {
    intake.alert(alert);
    bell.hear(alert);
  },
  traffic: (ticks) => trafficRing.add(ticks),
});

/**
 * The first picture comes before the live channel: its code and its handshake wait until the page has what it asked for and has painted
 * it, at most so long.
 */
const LATEST_MS = 5_000;
const LOOK_MS = 60;
/** So many looks in a row: between an answer and what is asked next the page draws, and does not look. */
const QUIET_LOOKS = 3;
function afterFirstPage(open: () => void): void {
  const latest = performance.now() + LATEST_MS;
  let quiet = 0;
  const timer = setInterval(() => {
    const asked = queryClient.getQueryCache().getAll().length > 0;
    quiet = asked && queryClient.isFetching() === 0 ? quiet + 1 : 0;
    if (quiet < QUIET_LOOKS && performance.now() < latest) return;
    clearInterval(timer);
    afterPaint(open, Math.max(0, latest - performance.now()));
  }, LOOK_MS);
}

/**
 * What stands in the document is painted in the next frame, and what is still being drawn leaves the browser no idle time. A page that
 * nobody sees has no frames.
 */
function afterPaint(run: () => void, atMostMs: number): void {
  const timer = setTimeout(
    () => {
      cancelAnimationFrame(frame);
      run();
    },
    document.hidden ? 0 : atMostMs,
  );
  const frame = requestAnimationFrame(() => {
    clearTimeout(timer);
    // Safari does not tell when it is idle.
    if ('requestIdleCallback' in window) requestIdleCallback(run, { timeout: atMostMs });
    else setTimeout(run);
  });
}

// Signed out means: no channel, and nothing of the last person left in memory.
session.subscribe(() => {
  const { status } = session.snapshot();
  if (status === 'signed-in') afterFirstPage(() => session.snapshot().status === 'signed-in' && live.open());
  if (status === 'signed-out') {
    live.close();
    queryClient.clear();
  }
});

// A laptop that wakes, a network that is back, a tab that was frozen.
for (const [target, event] of [
  [window, 'online'],
  [window, 'pageshow'],
  [document, 'visibilitychange'],
] as const) {
  target.addEventListener(event, () => session.wake());
}

export const useConnection = (): Connection => useSyncExternalStore(live.subscribe, live.snapshot);
export const useTrafficVersion = (): number => useSyncExternalStore(trafficRing.subscribe, () => trafficRing.version);
export const useSession = () => useSyncExternalStore(session.subscribe, session.snapshot);
