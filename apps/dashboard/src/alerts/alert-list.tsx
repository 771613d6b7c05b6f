/**
 * The list of alerts, drawn only where it is seen. Rows have a fixed height, so that new alerts above what somebody
 * reads can be made up for in the scroll position: the list does not move under the eyes.
 */
import type { Alert, Seen } from '@plimsoll/contracts';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import { TYPING } from '../keys.js';
import { AlertRow, linkId, type RowActs } from './alert-row.js';
import type { Selection } from './selection.js';
import { isUnseen } from './use-seen.js';

const wide = '(min-width: 40rem)';
const subscribeWidth = (listener: () => void) => {
  const media = matchMedia(wide);
  media.addEventListener('change', listener);
  return () => media.removeEventListener('change', listener);
};
const ROW_PX = { wide: 60, narrow: 96 };

interface AlertListProps {
  alerts: readonly Alert[];
  selection: Selection | undefined;
  marked: ReadonlySet<string>;
  seen: Seen | undefined;
  /** How many alerts a row stands for beside its own. */
  sizes: ReadonlyMap<string, number>;
  acts: RowActs;
  /** Called when the end comes near. */
  onEnd: () => void;
}

export const AlertList = memo(function AlertList({ alerts, selection, marked, seen, sizes, acts, onEnd }: AlertListProps) {
  const rowPx = useSyncExternalStore(subscribeWidth, () => (matchMedia(wide).matches ? ROW_PX.wide : ROW_PX.narrow));
  const frame = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    setTop((frame.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
  }, []);
  const rows = useWindowVirtualizer({
    count: alerts.length,
    estimateSize: () => rowPx,
    getItemKey: (index) => alerts[index]?.id ?? index,
    overscan: 8,
    scrollMargin: top,
  });
  const items = rows.getVirtualItems();

  const measured = useRef(rowPx);
  useEffect(() => {
    if (measured.current === rowPx) return;
    measured.current = rowPx;
    rows.measure();
  }, [rows, rowPx]);
  useKeptPlace(alerts, top, rowPx);
  useFocusedRow(selection, (index) => rows.scrollToIndex(index, { align: 'auto' }));

  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (alerts.length > 0 && last >= alerts.length - 10) onEnd();
  }, [last, alerts.length, onEnd]);

  return (
    <ul ref={frame} aria-label="List of alerts" className="relative" style={{ height: rows.getTotalSize() }}>
      {items.map((item) => {
        const alert = alerts[item.index];
        return alert ? (
          <li
            key={item.key}
            aria-setsize={alerts.length}
            aria-posinset={item.index + 1}
            className="absolute inset-x-0 top-0"
            style={{ height: item.size, transform: `translateY(${item.start - top}px)` }}
          >
            <AlertRow
              alert={alert}
              selected={alert.id === selection?.id}
              marked={marked.has(alert.id)}
              unseen={isUnseen(alert, seen)}
              size={sizes.get(alert.id) ?? 0}
              acts={acts}
            />
          </li>
        ) : null;
      })}
    </ul>
  );
});

/** Scrolls by as much as rows were added or taken away above the first one in view. */
function useKeptPlace(alerts: readonly Alert[], top: number, rowPx: number): void {
  const anchor = useRef<string | undefined>(undefined);
  const before = useRef(alerts);
  useLayoutEffect(() => {
    const old = before.current;
    before.current = alerts;
    if (old === alerts || window.scrollY <= top) return;
    const was = old.findIndex(({ id }) => id === anchor.current);
    const is = alerts.findIndex(({ id }) => id === anchor.current);
    if (was >= 0 && is >= 0 && was !== is) window.scrollBy({ top: (is - was) * rowPx, behavior: 'instant' });
  }, [alerts, top, rowPx]);
  useEffect(() => {
    const remember = () => {
      anchor.current = before.current[Math.max(0, Math.ceil((window.scrollY - top) / rowPx))]?.id;
    };
    window.addEventListener('scroll', remember, { passive: true });
    return () => window.removeEventListener('scroll', remember);
  }, [top, rowPx]);
}

/** Brings the row that the keyboard selected into view and moves the focus to its link. */
function useFocusedRow(selection: Selection | undefined, scrollTo: (index: number) => void): void {
  const scroll = useRef(scrollTo);
  const place = useRef(0);
  const id = selection?.id;
  useEffect(() => {
    scroll.current = scrollTo;
    place.current = selection?.index ?? 0;
  });
  useEffect(() => {
    if (id === undefined) return;
    scroll.current(place.current);
    const frame = requestAnimationFrame(() => {
      // Rows also come and go while somebody types in the search or in a dialog: the focus stays there.
      if (document.activeElement?.closest(`${TYPING}, [role="dialog"]`)) return;
      document.getElementById(linkId(id))?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
  }, [id]);
}
