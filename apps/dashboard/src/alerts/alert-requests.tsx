/** The last requests that led to an alert. Client text is shown as text, cut to one line, whole in the title. */
import type { AlertRequest, VerdictName } from '@plimsoll/contracts';
import { bytes, clockTime, milliseconds, moment } from '../format.js';
import { Badge } from '../ui/badge.js';
import { cn } from '../ui/cn.js';
import { Panel } from '../ui/panel.js';
import { columnsFor, DataTable } from '../ui/table.js';

const statusLook = (status: number) =>
  status >= 500 ? 'text-fault' : status >= 400 ? 'text-high' : status >= 300 ? 'text-muted' : 'text-good';

const verdictLook: Record<VerdictName, string> = {
  allow: '',
  throttle: 'bg-medium/14 text-medium',
  challenge: 'bg-accent/12 text-accent',
  block: 'bg-critical/10 text-critical',
};

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

export function AlertRequests({ requests }: { requests: readonly AlertRequest[] }) {
  return (
    <Panel title="Requests" actions={<span className="text-faint text-xs">the last {requests.length}</span>}>
      {requests.length === 0 ? (
        <p className="px-4 py-5 text-muted text-sm">No requests are kept for this alert.</p>
      ) : (
        <div className="max-h-[28rem] overflow-y-auto">
          <DataTable label="Requests" columns={columns} rows={requests} rowId={(request) => request.id} />
        </div>
      )}
    </Panel>
  );
}
