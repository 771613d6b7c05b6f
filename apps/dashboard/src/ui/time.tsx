/** Times that stay true while the page is open. One timer for the whole page, running only while something shows time. */
import { useSyncExternalStore } from 'react';
import { serverNow } from '../clock.js';
import { ago, countdown, moment } from '../format.js';

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = serverNow();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  now = serverNow();
  timer ??= setInterval(() => {
    now = serverNow();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The server's clock, in milliseconds, renewed every second. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now);

export function Ago({ ts, className }: { ts: number; className?: string }) {
  const present = useNow();
  return (
    <time dateTime={new Date(ts).toISOString()} title={moment(ts)} className={className}>
      {ago(ts, Math.max(present, ts))}
    </time>
  );
}

/** Time left, or `ended` when it has run out. */
export function Countdown({ until, className }: { until: number; className?: string }) {
  const left = until - useNow();
  return (
    <time dateTime={new Date(until).toISOString()} title={`Until ${moment(until)}`} className={className}>
      {left > 0 ? countdown(left) : 'ended'}
    </time>
  );
}
