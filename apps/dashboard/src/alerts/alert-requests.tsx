/** The last requests that led to an alert. Client text is shown as text, cut to one line, whole in the title. */
import type { AlertRequest } from '@plimsoll/contracts';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { bytes, clockTime, milliseconds, moment } from '../format.js';
import { around } from '../investigate/search.js';
import { Badge } from '../ui/badge.js';
import { cn } from '../ui/cn.js';
import { Panel } from '../ui/panel.js';
import { statusLook, verdictLook } from '../ui/request-look.js';
import { columnsFor, DataTable } from '../ui/table.js';

const helper = columnsFor<AlertRequest>();
const columns = helper.columns([
  helper.accessor('ts', {
    header: 'Time',
    cell: ({ getValue }) => (
      <time title={moment(getValue())} className="whitespace-nowrap text-muted">
        {clockTime(getValue())}
      </time>
    ),
  }),
  helper.accessor((request) => `${request.method} ${request.path}`, {
    id: 'request',
    header: 'Request',
    cell: ({ getValue }) => (
      <span title={getValue()} className="block max-w-72 truncate font-mono text-xs">
        {getValue()}
      </span>
    ),
  }),
  helper.accessor('status', {
    header: 'Status',
    meta: { end: true },
    cell: ({ getValue }) => <span className={cn('font-medium', statusLook(getValue()))}>{getValue()}</span>,
  }),
  helper.accessor('verdict', {
    header: 'Verdict',
    cell: ({ getValue }) =>
      getValue() === 'allow' ? (
        <span className="text-faint text-xs">allow</span>
      ) : (
        <Badge className={verdictLook[getValue()]}>{getValue()}</Badge>
      ),
  }),
  helper.accessor('ip', {
    header: 'Address',
    cell: ({ getValue }) => <span className="font-mono text-xs">{getValue()}</span>,
  }),
  helper.accessor('actor', {
    header: 'User',
    cell: ({ getValue }) => <span className="block max-w-40 truncate">{getValue() ?? '–'}</span>,
  }),
  helper.accessor('durationMs', {
    header: 'Took',
    meta: { end: true, wide: true },
    cell: ({ getValue }) => <span className="whitespace-nowrap text-muted">{milliseconds(getValue())}</span>,
  }),
  helper.accessor('bytesOut', {
    header: 'Size',
    meta: { end: true, wide: true },
    cell: ({ getValue }) => <span className="whitespace-nowrap text-muted">{bytes(getValue())}</span>,
  }),
  helper.accessor('userAgent', {
    header: 'User agent',
    meta: { wide: true },
    cell: ({ getValue }) => (
      <span title={getValue()} className="block max-w-48 truncate text-faint text-xs">
        {getValue() || '–'}
      </span>
    ),
  }),
]);

/** Leads to what else its user, or its address, did around that time. */
const aroundColumn = (service: string) =>
  helper.display({
    id: 'around',
    header: () => <span className="sr-only">Around it</span>,
    cell: ({ row: { original } }) => (
      <Link
        to="/investigate"
        search={{
          service,
          ...(original.actor === null ? { address: original.ip } : { actor: original.actor }),
          ...around(original.ts),
        }}
        className="whitespace-nowrap rounded-sm font-medium text-accent text-xs hover:underline"
      >
        around it
      </Link>
    ),
  });

export function AlertRequests({ requests, service }: { requests: readonly AlertRequest[]; service: string }) {
  const shown = useMemo(() => [...columns, aroundColumn(service)], [service]);
  return (
    <Panel title="Requests" actions={<span className="text-faint text-xs">the last {requests.length}</span>}>
      {requests.length === 0 ? (
        <p className="px-4 py-5 text-muted text-sm">No requests are kept for this alert.</p>
      ) : (
        <div className="max-h-[28rem] overflow-y-auto">
          <DataTable label="Requests" columns={shown} rows={requests} rowId={(request) => request.id} />
        </div>
      )}
    </Panel>
  );
}
