/**
 * New alerts wait behind a bar while somebody reads further down or points at a row: nothing grows above what is read, and nobody
 * clicks a row that has just moved. At the top with the pointer away, or when the bar is clicked, they come in.
 */
import type { Alert } from '@plimsoll/contracts';
import { hashKey, useQueryClient } from '@tanstack/react-query';
import { ArrowUp } from 'lucide-react';
import { type PointerEvent, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { exact } from '../format.js';
import { COUNTED } from '../held-lists.js';
import { heldAlerts, releaseAlerts } from '../live-cache.js';
import { Button } from '../ui/button.js';

/** Scrolled less than this counts as the top, in pixels. */
const TOP_PX = 40;

/**
 * The part of a list that begins with the first of those rows that were shown and are still there.
 * @param shown ids from the top, as they were when the reading began
 */
export function heldCount(alerts: readonly { id: string }[], shown: readonly string[]): number {
  if (shown.length === 0) return 0;
  const place = new Map(alerts.map(({ id }, index) => [id, index]));
  const first = shown.find((id) => place.has(id));
  return first === undefined ? 0 : (place.get(first) ?? 0);
}

/** Whether the page is scrolled away from its top. */
function useScrolled(): boolean {
  const [scrolled, setScrolled] = useState(false);
  useEffect(() => {
    const look = () => setScrolled(window.scrollY > TOP_PX);
    window.addEventListener('scroll', look, { passive: true });
    return () => window.removeEventListener('scroll', look);
  }, []);
  return scrolled;
}

/** @param queryKey of the list: another one begins at its top */
export function useHeld(all: readonly Alert[], queryKey: readonly unknown[]) {
  const client = useQueryClient();
  const hash = hashKey(queryKey);
  const key = useRef(queryKey);
  const latest = useRef(all);
  useEffect(() => {
    key.current = queryKey;
    latest.current = all;
  });
  const scrolled = useScrolled();
  const [pointed, setPointed] = useState(false);
  const [anchor, setAnchor] = useState<readonly string[]>([]);
  const reading = scrolled || pointed;
  useEffect(() => {
    if (!reading) return;
    const own = key.current;
    setAnchor(latest.current.slice(0, 500).map(({ id }) => id));
    heldAlerts.hold(hash);
    return () => {
      setAnchor([]);
      releaseAlerts(client, own, hash);
    };
  }, [reading, hash, client]);
  // Asking the server again brings new ones in as well.
  const above = useMemo(() => (reading ? heldCount(all, anchor) : 0), [reading, all, anchor]);
  const waiting = useSyncExternalStore(heldAlerts.subscribe, () => heldAlerts.count(hash));
  const alerts = useMemo(() => (above > 0 ? all.slice(above) : all), [all, above]);
  const release = useCallback(() => {
    window.scrollTo({ top: 0, behavior: 'instant' });
    releaseAlerts(client, key.current, hash);
    setAnchor([]);
    setPointed(false);
  }, [client, hash]);
  const pointer = useMemo(
    () => ({
      onPointerMove: ({ pointerType }: PointerEvent) => setPointed(pointerType === 'mouse'),
      onPointerLeave: () => setPointed(false),
    }),
    [],
  );
  return { alerts, held: above + waiting, release, pointer };
}

export function HeldBar({ held, onRelease }: { held: number; onRelease: () => void }) {
  return (
    <div aria-live="polite" className="pointer-events-none sticky top-14 z-20 flex h-0 justify-center md:top-3">
      {held > 0 && (
        <Button size="sm" look="primary" className="pointer-events-auto shadow-pop" onClick={onRelease}>
          <ArrowUp aria-hidden className="size-3.5" /> {exact(held)}
          {held >= COUNTED && '+'} new
        </Button>
      )}
    </div>
  );
}
