/** All protected APIs, and adding one. */
import { type Overview, SELF_SERVICE, type Service } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus, Server, ShieldPlus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useMay } from '../allowed.js';
import { count } from '../format.js';
import { overviewQuery, servicesQuery } from '../queries.js';
import { Badge } from '../ui/badge.js';
import { Button, buttonClass } from '../ui/button.js';
import { cn } from '../ui/cn.js';
import { Page, Panel } from '../ui/panel.js';
import { Empty, Failure, SkeletonRows } from '../ui/states.js';
import { columnsFor, DataTable } from '../ui/table.js';
import { CreateService } from './create-service.js';
import { isProtected } from './own.js';
import { modes } from './policy-panel.js';

const also = [
  { to: '/policies', name: 'Policies' },
  { to: '/detection', name: 'Detection' },
] as const;

type Row = Service & { pulse: Overview['services'][number] | undefined };

export function ServicesPage() {
  const query = useQuery(servicesQuery);
  const overview = useQuery(overviewQuery).data;
  const [creating, setCreating] = useState(false);
  const creates = useMay('service.create');
  const rows = useMemo(
    () =>
      query.data?.items.map((service) => ({ ...service, pulse: overview?.services.find(({ id }) => id === service.id) })) ?? [],
    [query.data, overview],
  );
  return (
    <Page
      title="Services"
      lead="The APIs that Plimsoll protects."
      actions={
        <>
          {/* On a phone there is no room for these at the bottom. */}
          {also.map(({ to, name }) => (
            <Link key={to} to={to} className={cn(buttonClass(), 'md:hidden')}>
              {name}
            </Link>
          ))}
          {creates && (
            <>
              <Button onClick={() => setCreating(true)}>
                <Plus aria-hidden className="size-4" /> New service
              </Button>
              <Link to="/start" className={buttonClass({ look: 'primary' })}>
                <ShieldPlus aria-hidden className="size-4" /> Protect an API
              </Link>
            </>
          )}
        </>
      }
    >
      <Panel className="overflow-hidden">
        {query.isPending ? (
          <SkeletonRows rows={4} />
        ) : query.isError && !query.data ? (
          <Failure error={query.error} retry={() => void query.refetch()} />
        ) : (
          <>
            {!rows.some(isProtected) && (
              <Empty icon={Server} title="No service yet">
                A service is one API of yours.{' '}
                <Link to="/start" className="font-medium text-accent hover:underline">
                  Protect the first one
                </Link>
                : a name, three lines, one request.
              </Empty>
            )}
            {rows.length > 0 && <DataTable label="Services" columns={columns} rows={rows} rowId={({ id }) => id} />}
          </>
        )}
      </Panel>
      <CreateService open={creating} onOpenChange={setCreating} />
    </Page>
  );
}

const helper = columnsFor<Row>();
const columns = helper.columns([
  helper.accessor('id', {
    header: 'Service',
    cell: ({ getValue }) => (
      <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Link to="/services/$id" params={{ id: getValue() }} className="font-medium hover:text-accent hover:underline">
          {getValue()}
        </Link>
        {getValue() === SELF_SERVICE && <Badge>this console</Badge>}
      </span>
    ),
  }),
  helper.accessor('environment', { header: 'Environment', meta: { wide: true } }),
  helper.accessor('team', { header: 'Team', meta: { wide: true } }),
  helper.accessor('policy', {
    header: 'Policy',
    cell: ({ getValue, row: { original } }) => (
      <Badge className={getValue() === 'monitor' || original.dryRun ? undefined : 'bg-accent/12 text-accent'}>
        {modes.find(({ value }) => value === getValue())?.name}
        {original.dryRun && ', dry run'}
      </Badge>
    ),
  }),
  helper.accessor((row) => row.pulse?.requestsLastMinute ?? 0, {
    id: 'requests',
    header: 'Requests, last minute',
    meta: { end: true, wide: true },
    cell: ({ getValue }) => count(getValue()),
  }),
  helper.accessor((row) => row.pulse?.openAlerts ?? 0, {
    id: 'open',
    header: 'Open',
    meta: { end: true },
    cell: ({ getValue }) =>
      getValue() > 0 ? (
        <span className="font-medium text-critical">{count(getValue())}</span>
      ) : (
        <span className="text-faint">0</span>
      ),
  }),
]);
