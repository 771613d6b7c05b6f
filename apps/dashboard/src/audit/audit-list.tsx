/** The rows found, drawn only where they are seen; j and k go through them, Enter opens one. */
import type { AuditRecord } from '@plimsoll/contracts';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useKeys } from '../keys.js';
import { Badge } from '../ui/badge.js';
import { Stamp } from '../ui/time.js';

const ROW_PX = 52;
const idOf = (id: number) => `audit-row-${id}`;

interface AuditListProps {
  rows: readonly AuditRecord[];
  onShow: (row: AuditRecord) => void;
  /** Called when the end comes near. */
  onEnd: () => void;
}

export function AuditList({ rows, onShow, onEnd }: AuditListProps) {
  const frame = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    setTop((frame.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
  }, []);
  const drawn = useWindowVirtualizer({ count: rows.length, estimateSize: () => ROW_PX, overscan: 10, scrollMargin: top });
  const items = drawn.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 20) onEnd();
  }, [last, rows.length, onEnd]);
  const go = useFocusedRow(rows, (index) => drawn.scrollToIndex(index, { align: 'auto' }));
  useKeys({ j: () => go(1), k: () => go(-1) });
  return (
    <ul ref={frame} aria-label="Rows of the audit" className="relative" style={{ height: drawn.getTotalSize() }}>
      {items.map((item) => {
        const row = rows[item.index];
        return row ? (
          <li
            key={row.id}
            aria-setsize={-1}
            aria-posinset={item.index + 1}
            className="absolute inset-x-0 top-0"
            style={{ height: item.size, transform: `translateY(${item.start - top}px)` }}
          >
            <Row row={row} onShow={onShow} />
          </li>
        ) : null;
      })}
    </ul>
  );
}

/** Moves the focus by so many rows, from where it is. */
function useFocusedRow(rows: readonly AuditRecord[], scrollTo: (index: number) => void): (by: number) => void {
  const at = useRef(-1);
  return (by) => {
    const focused = rows.findIndex(({ id }) => document.activeElement?.id === idOf(id));
    at.current = Math.min(rows.length - 1, Math.max(0, (focused >= 0 ? focused : at.current) + by));
    const row = rows[at.current];
    if (row === undefined) return;
    scrollTo(at.current);
    requestAnimationFrame(() => document.getElementById(idOf(row.id))?.focus({ preventScroll: true }));
  };
}

function Row({ row, onShow }: { row: AuditRecord; onShow: (row: AuditRecord) => void }) {
  const { id, at, action, outcome, object, service, personName, personId, address } = row;
  const who = personName ?? personId ?? 'nobody signed in';
  return (
    <button
      type="button"
      id={idOf(id)}
      onClick={() => onShow(row)}
      className="grid h-full w-full grid-cols-[4.5rem_minmax(0,1fr)_auto] items-center gap-x-3 border-b px-4 text-left text-sm hover:bg-hover/60 sm:grid-cols-[6rem_minmax(0,10rem)_minmax(0,12rem)_minmax(0,1fr)_9rem_5rem]"
    >
      <Stamp ts={at} />
      <span className="min-w-0 sm:hidden">
        <span className="block truncate font-medium">{action}</span>
        <span className="block truncate text-faint text-xs">{[who, object].filter(Boolean).join(', ')}</span>
      </span>
      <span className="hidden truncate sm:block">{who}</span>
      <span className="hidden truncate font-medium sm:block">{action}</span>
      <span className="hidden min-w-0 sm:block">
        <span className="block truncate font-mono text-xs">{object || '–'}</span>
        {service && <span className="block truncate text-faint text-xs">{service}</span>}
      </span>
      <span className="hidden truncate font-mono text-xs sm:block">{address || '–'}</span>
      <span className="text-right">
        {outcome === 'denied' && <Badge className="bg-critical/10 text-critical">refused</Badge>}
      </span>
    </button>
  );
}
