/** The endpoints of a service, busiest first, with marks at what is new, unused or risky; each leads to its page. */
import type { EndpointSummary, Service } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Route } from 'lucide-react';
import { useMemo } from 'react';
import { serverNow } from '../clock.js';
import { count, milliseconds, share } from '../format.js';
import { endpointsQuery } from '../queries.js';
import { type Mark, Marks, marksOf } from '../subjects/endpoint-marks.js';
import { Panel } from '../ui/panel.js';
import { Empty, Failure, SkeletonRows } from '../ui/states.js';
import { columnsFor, DataTable } from '../ui/table.js';
import { Ago } from '../ui/time.js';

interface Row extends EndpointSummary {
  service: string;
  marks: Mark[];
}

export function EndpointsPanel({ service }: { service: Service }) {
  const query = useQuery(endpointsQuery(service.id));
  const items = query.data?.items;
  const rows = useMemo(
    () => items?.map((each): Row => ({ ...each, service: service.id, marks: marksOf(each, service, serverNow()) })) ?? [],
    [items, service],
  );
  return (
    <Panel title="Endpoints" actions={query.data && <span className="text-faint text-xs">{count(query.data.items.length)}</span>}>
      {query.isPending ? (
        <SkeletonRows rows={5} />
      ) : query.isError && !query.data ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : query.data.items.length === 0 ? (
        <Empty icon={Route} title="Waiting for the first request">
          Endpoints appear here by themselves as soon as request logs arrive.
        </Empty>
      ) : (
        <div className="max-h-[30rem] overflow-y-auto">
          <DataTable label="Endpoints" columns={columns} rows={rows} rowId={({ endpoint }) => endpoint} />
        </div>
      )}
    </Panel>
  );
}

const helper = columnsFor<Row>();
const columns = helper.columns([
  helper.accessor('endpoint', {
    header: 'Endpoint',
    cell: ({ getValue, row: { original } }) => (
      <span className="flex max-w-[40vw] flex-wrap items-center gap-x-2 lg:max-w-96">
        <Link
          to="/endpoint"
          search={{ service: original.service, name: getValue() }}
          title={getValue()}
          className="min-w-0 truncate rounded-sm font-mono text-xs hover:text-accent hover:underline"
        >
          {getValue()}
        </Link>
        <Marks marks={original.marks} />
      </span>
    ),
  }),
  helper.accessor('requests', { header: 'Requests', meta: { end: true }, cell: ({ getValue }) => count(getValue()) }),
  helper.accessor((row) => row.errors / Math.max(1, row.requests), {
    id: 'errors',
    header: 'Server errors',
    meta: { end: true, wide: true },
    cell: ({ row: { original } }) => share(original.errors, original.requests),
  }),
  helper.accessor((row) => row.throttled + row.blocked, {
    id: 'refused',
    header: 'Refused',
    meta: { end: true },
    cell: ({ getValue }) => count(getValue()),
  }),
  helper.accessor('durationMsMean', {
    header: 'Mean time',
    meta: { end: true, wide: true },
    cell: ({ getValue }) => milliseconds(getValue()),
  }),
  helper.accessor('lastAt', {
    header: 'Last',
    meta: { end: true, wide: true },
    cell: ({ getValue }) => <Ago ts={getValue()} className="whitespace-nowrap text-muted" />,
  }),
]);
