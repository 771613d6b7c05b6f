/** The requests found, drawn only where they are seen: thousands of rows of one height. */
import type { HistoryRequest } from '@plimsoll/contracts';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { milliseconds } from '../format.js';
import { Badge } from '../ui/badge.js';
import { cn } from '../ui/cn.js';
import { statusLook, verdictLook } from '../ui/request-look.js';
import { Stamp } from '../ui/time.js';

const ROW_PX = 52;

interface RequestListProps {
  requests: readonly HistoryRequest[];
  onShow: (request: HistoryRequest) => void;
  /** Called when the end comes near. */
  onEnd: () => void;
}

export function RequestList({ requests, onShow, onEnd }: RequestListProps) {
  const frame = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    setTop((frame.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
  }, []);
  const rows = useWindowVirtualizer({ count: requests.length, estimateSize: () => ROW_PX, overscan: 10, scrollMargin: top });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (requests.length > 0 && last >= requests.length - 20) onEnd();
  }, [last, requests.length, onEnd]);
  return (
    <ul ref={frame} aria-label="Requests found" className="relative" style={{ height: rows.getTotalSize() }}>
      {items.map((item) => {
        const request = requests[item.index];
        return request ? (
          <li
            key={item.key}
            aria-setsize={requests.length}
            aria-posinset={item.index + 1}
            className="absolute inset-x-0 top-0"
            style={{ height: item.size, transform: `translateY(${item.start - top}px)` }}
          >
            <Row request={request} onShow={onShow} />
          </li>
        ) : null;
      })}
    </ul>
  );
}

function Row({ request, onShow }: { request: HistoryRequest; onShow: (request: HistoryRequest) => void }) {
  const { ts, method, path, status, actor, ip, durationMs, verdict } = request;
  return (
    <button
      type="button"
      onClick={() => onShow(request)}
      className="grid h-full w-full grid-cols-[4.5rem_2.5rem_minmax(0,1fr)] items-center gap-x-3 border-b px-4 text-left text-sm hover:bg-hover/60 sm:grid-cols-[6rem_2.5rem_minmax(0,1fr)_minmax(0,12rem)_9rem_4rem]"
    >
      <Stamp ts={ts} />
      <span className={cn('font-medium', statusLook(status))}>{status}</span>
      <span className="min-w-0">
        <span title={`${method} ${path}`} className="block truncate font-mono text-xs">
          {method} {path}
        </span>
        <span className="block truncate text-faint text-xs sm:hidden">{actor ?? ip}</span>
      </span>
      <span className="hidden truncate sm:block">{actor ?? '–'}</span>
      <span className="hidden truncate font-mono text-xs sm:block">{ip}</span>
      <span className="hidden text-right text-muted text-xs sm:block">
        {verdict === 'allow' ? milliseconds(durationMs) : <Badge className={verdictLook[verdict]}>{verdict}</Badge>}
      </span>
    </button>
  );
}
