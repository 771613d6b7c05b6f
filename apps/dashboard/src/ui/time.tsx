/**
 * Times on the page, each with the whole moment behind it on hover. Those that count stay true while the page is open: one timer for
 * all of them, running only while something counts.
 */
import { Link } from '@tanstack/react-router';
import { useSyncExternalStore } from 'react';
import { serverNow } from '../clock.js';
import { ago, clockTime, countdown, dayName, moment, zoneOffset } from '../format.js';
import { useZone } from '../reader.js';
import { cn } from './cn.js';

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
  useZone();
  return (
    <time dateTime={new Date(ts).toISOString()} title={moment(ts)} className={className}>
      {ago(ts, Math.max(present, ts))}
    </time>
  );
}

/** Time left, or `ended` when it has run out. */
export function Countdown({ until, className }: { until: number; className?: string }) {
  const left = until - useNow();
  useZone();
  return (
    <time dateTime={new Date(until).toISOString()} title={`Until ${moment(until)}`} className={className}>
      {left > 0 ? countdown(left) : 'ended'}
    </time>
  );
}

/** Day and time in full. */
export function Moment({ ts, className }: { ts: number; className?: string }) {
  useZone();
  return (
    <time dateTime={new Date(ts).toISOString()} className={className}>
      {moment(ts)}
    </time>
  );
}

/** Time over day, in the first column of a list. */
export function Stamp({ ts }: { ts: number }) {
  useZone();
  return (
    <time dateTime={new Date(ts).toISOString()} title={moment(ts)} className="text-muted text-xs">
      <span className="block whitespace-nowrap">{clockTime(ts)}</span>
      <span className="block text-faint">{dayName(ts)}</span>
    </time>
  );
}

/** In which zone the times beside it are, and the way to another one. */
export function ZoneNote({ className }: { className?: string }) {
  const zone = useZone();
  return (
    <Link
      to="/account"
      hash="times"
      title={`Times are those of ${zone}. Choose another time zone.`}
      className={cn('whitespace-nowrap text-faint text-xs hover:text-ink hover:underline', className)}
    >
      Times in {zoneOffset(serverNow())}
    </Link>
  );
}
