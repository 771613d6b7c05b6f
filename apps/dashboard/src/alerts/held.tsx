/**
 * New alerts wait behind a bar while somebody reads further down: the list does not grow above what is read. At the top, or
 * when the bar is clicked, they come in.
 */
import type { Alert } from '@plimsoll/contracts';
import { ArrowUp } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { exact } from '../format.js';
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

/** @param list what the list is of: another one begins at its top */
export function useHeld(all: readonly Alert[], list: string) {
  const [reading, setReading] = useState(false);
  const anchor = useRef<readonly string[]>([]);
  const latest = useRef(all);
  useEffect(() => {
    latest.current = all;
  });
  useEffect(() => {
    const look = () => {
      const now = window.scrollY > TOP_PX;
      setReading((before) => {
        if (now && !before) anchor.current = latest.current.slice(0, 500).map(({ id }) => id);
        return now;
      });
    };
    window.addEventListener('scroll', look, { passive: true });
    return () => window.removeEventListener('scroll', look);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list, from its top
  useEffect(() => {
    anchor.current = [];
  }, [list]);
  const held = reading ? heldCount(all, anchor.current) : 0;
  const alerts = useMemo(() => (held > 0 ? all.slice(held) : all), [all, held]);
  const release = useCallback(() => {
    anchor.current = [];
    window.scrollTo({ top: 0, behavior: 'instant' });
    setReading(false);
  }, []);
  return { alerts, held, release };
}

export function HeldBar({ held, onRelease }: { held: number; onRelease: () => void }) {
  if (held === 0) return null;
  return (
    <div className="pointer-events-none sticky top-14 z-20 flex h-0 justify-center md:top-3">
      <Button size="sm" look="primary" className="pointer-events-auto shadow-pop" onClick={onRelease}>
        <ArrowUp aria-hidden className="size-3.5" /> {exact(held)} new
      </Button>
    </div>
  );
}
