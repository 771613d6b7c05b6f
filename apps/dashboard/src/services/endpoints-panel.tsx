/** The endpoints of a service, busiest first; one of them can be taken to see its traffic. */
import type { EndpointSummary } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Route } from 'lucide-react';
import { useMemo } from 'react';
import { count, milliseconds, share } from '../format.js';
import { endpointsQuery } from '../queries.js';
import { Panel } from '../ui/panel.js';
import { Empty, Failure, SkeletonRows } from '../ui/states.js';
import { columnsFor, DataTable } from '../ui/table.js';
import { Ago } from '../ui/time.js';

interface EndpointsPanelProps {
  service: string;
  chosen: string | undefined;
  onChoose: (endpoint: string | undefined) => void;
}

export function EndpointsPanel({ service, chosen, onChoose }: EndpointsPanelProps) {
  const query = useQuery(endpointsQuery(service));
  const columns = useMemo(() => columnsWith(chosen, onChoose), [chosen, onChoose]);
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
          <DataTable
            label="Endpoints"
            columns={columns}
            rows={query.data.items}
            rowId={({ endpoint }) => endpoint}
            rowClass={({ endpoint }) => (endpoint === chosen ? 'bg-accent/6' : undefined)}
          />
        </div>
      )}
    </Panel>
  );
}

const helper = columnsFor<EndpointSummary>();

function columnsWith(chosen: string | undefined, onChoose: (endpoint: string | undefined) => void) {
  return helper.columns([
    helper.accessor('endpoint', {
      header: 'Endpoint',
      cell: ({ getValue }) => (
        <button
          type="button"
          aria-pressed={getValue() === chosen}
          title={getValue()}
          onClick={() => onChoose(getValue() === chosen ? undefined : getValue())}
          className="block max-w-[40vw] truncate rounded-sm font-mono text-xs hover:text-accent aria-pressed:text-accent lg:max-w-96"
        >
          {getValue()}
        </button>
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
}
