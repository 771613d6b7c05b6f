/** The last requests that led to an alert, drawn only where they are seen. Client text is shown as text, cut to one line; a row opens it in full. */
import type { Alert, AlertRequest } from '@plimsoll/contracts';
import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState } from 'react';
import { exact, milliseconds } from '../format.js';
import { around } from '../investigate/search.js';
import { Badge } from '../ui/badge.js';
import { cn } from '../ui/cn.js';
import { Panel } from '../ui/panel.js';
import { usePrinting } from '../ui/printing.js';
import { statusLook, verdictLook } from '../ui/request-look.js';
import { Stamp, ZoneNote } from '../ui/time.js';
import { RequestDetail } from './request-detail.js';

const ROW_PX = 48;
const grid =
  'grid grid-cols-[4.5rem_2.5rem_minmax(0,1fr)] items-center gap-x-3 px-4 sm:grid-cols-[4.5rem_2.5rem_minmax(0,1fr)_minmax(0,11rem)_5rem]';

interface AlertRequestsProps {
  alert: Pick<Alert, 'service' | 'firstAt' | 'lastAt'>;
  requests: readonly AlertRequest[];
}

export function AlertRequests({ alert: { service, firstAt, lastAt }, requests }: AlertRequestsProps) {
  const [shown, setShown] = useState<AlertRequest>();
  return (
    <Panel
      title="Requests"
      actions={
        <>
          <ZoneNote />
          <span className="text-faint text-xs">the last {exact(requests.length)}</span>
        </>
      }
    >
      {requests.length === 0 ? (
        <p className="px-4 py-5 text-muted text-sm">
          No requests are kept with this alert.{' '}
          <Link
            to="/investigate"
            search={{ service, ...around(firstAt, lastAt) }}
            className="font-medium text-accent hover:underline"
          >
            Look at the requests of its time
          </Link>
        </p>
      ) : (
        <RequestTable requests={requests} onShow={setShown} />
      )}
      {shown && <RequestDetail request={shown} service={service} onClose={() => setShown(undefined)} />}
    </Panel>
  );
}

interface RequestTableProps {
  requests: readonly AlertRequest[];
  onShow: (request: AlertRequest) => void;
}

function RequestTable({ requests, onShow }: RequestTableProps) {
  const frame = useRef<HTMLTableSectionElement>(null);
  const rows = useVirtualizer({
    count: requests.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  const items = rows.getVirtualItems();
  // On paper nothing can be scrolled to.
  const whole = usePrinting();
  // Space in the place of what is not drawn.
  const before = whole ? 0 : (items[0]?.start ?? 0);
  const after = whole ? 0 : rows.getTotalSize() - (items.at(-1)?.end ?? 0);
  const shown = whole ? requests.map((_, index) => index) : items.map(({ index }) => index);
  return (
    <table aria-label="Requests" aria-rowcount={requests.length + 1} className="block text-sm">
      <thead className="block">
        <tr aria-rowindex={1} className={cn(grid, 'h-9 border-b text-faint text-xs')}>
          {['Time', 'Status', 'Request', 'From', 'Answer'].map((name, index) => (
            <th
              key={name}
              scope="col"
              className={cn('text-left font-medium', index > 2 && 'hidden sm:block', index === 4 && 'text-right')}
            >
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody ref={frame} className="block max-h-[28rem] overflow-y-auto print:max-h-none print:overflow-visible">
        {before > 0 && <tr aria-hidden style={{ height: before }} className="block" />}
        {shown.map((index) => {
          const request = requests[index];
          return request ? <Row key={request.id} request={request} index={index} onShow={onShow} /> : null;
        })}
        {after > 0 && <tr aria-hidden style={{ height: after }} className="block" />}
      </tbody>
    </table>
  );
}

interface RowProps {
  request: AlertRequest;
  index: number;
  onShow: (request: AlertRequest) => void;
}

function Row({ request, index, onShow }: RowProps) {
  const { ts, method, path, status, actor, ip, durationMs, verdict, userAgent } = request;
  return (
    <tr
      aria-rowindex={index + 2}
      className={cn(grid, 'relative break-inside-avoid border-b hover:bg-hover/60')}
      style={{ height: ROW_PX }}
    >
      <td>
        <Stamp ts={ts} />
      </td>
      <td className={cn('font-medium', statusLook(status))}>{status}</td>
      <td className="min-w-0">
        <button
          type="button"
          title={`${method} ${path}`}
          onClick={() => onShow(request)}
          className="block w-full truncate text-left font-mono text-xs after:absolute after:inset-0"
        >
          {method} {path}
        </button>
        <span className="block truncate text-faint text-xs">
          <span className="sm:hidden">{actor ?? ip}</span>
          <span className="hidden sm:inline">{userAgent || 'no user agent'}</span>
        </span>
      </td>
      <td className="hidden min-w-0 sm:block">
        <span title={actor ?? undefined} className="block truncate">
          {actor ?? '–'}
        </span>
        <span className="block truncate font-mono text-faint text-xs">{ip}</span>
      </td>
      <td className="hidden text-right text-muted text-xs sm:block">
        {verdict === 'allow' ? milliseconds(durationMs) : <Badge className={verdictLook[verdict]}>{verdict}</Badge>}
      </td>
    </tr>
  );
}
