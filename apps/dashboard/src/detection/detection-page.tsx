/** How well detection works in a service: how right each kind is, what was demoted for it, the alert budget, what has drifted. */
import type { BaselineDrift, DetectionReport } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Radar } from 'lucide-react';
import { useMemo } from 'react';
import { useMayIn } from '../allowed.js';
import { exact, measure, percent, share } from '../format.js';
import { servicesQuery } from '../queries.js';
import { isProtected } from '../services/own.js';
import { SubjectLink } from '../subjects/subject-link.js';
import { Field, Select } from '../ui/field.js';
import { Page, Panel } from '../ui/panel.js';
import { Empty, Failure, SkeletonRows } from '../ui/states.js';
import { columnsFor, DataTable } from '../ui/table.js';
import { Ago } from '../ui/time.js';
import { detectionQuery } from './detection-query.js';
import { KindsTable } from './kinds-table.js';

const route = getRouteApi('/signed-in/detection');

export function DetectionPage() {
  const services = useQuery(servicesQuery);
  const navigate = route.useNavigate();
  const items = services.data?.items ?? [];
  const chosen = route.useSearch().service ?? items.find(isProtected)?.id;
  return (
    <Page
      title="Detection"
      lead="How right each kind of alert is, by what your analysts said of them."
      actions={
        chosen !== undefined && (
          <Field label="Service" className="w-48">
            {(ids) => (
              <Select
                {...ids}
                value={chosen}
                onChange={(event) => void navigate({ search: { service: event.target.value }, replace: true })}
              >
                {items.map(({ id }) => (
                  <option key={id}>{id}</option>
                ))}
              </Select>
            )}
          </Field>
        )
      }
    >
      {services.isPending ? (
        <SkeletonRows rows={8} />
      ) : services.isError && !services.data ? (
        <Failure error={services.error} retry={() => void services.refetch()} />
      ) : chosen === undefined ? (
        <Empty icon={Radar} title="No service yet">
          <Link to="/start" className="font-medium text-accent hover:underline">
            Protect the first one
          </Link>
        </Empty>
      ) : (
        <OfService service={chosen} />
      )}
    </Page>
  );
}

function OfService({ service }: { service: string }) {
  const query = useQuery(detectionQuery(service));
  const editable = useMayIn(service, 'service.update');
  if (query.isPending) return <SkeletonRows rows={8} />;
  if (query.isError && !query.data) return <Failure error={query.error} retry={() => void query.refetch()} />;
  const { kinds, days, floor, drift } = query.data;
  return (
    <div className="space-y-4">
      <Budget report={query.data} service={service} />
      <Panel title="Kinds" actions={<span className="text-faint text-xs">last {days} days</span>} className="overflow-hidden">
        <KindsTable service={service} kinds={kinds} floor={floor} editable={editable} />
        <p className="px-4 py-2.5 text-faint text-xs">
          Each user, address or endpoint counts once, by the last verdict on it. The bar is the {percent(0.95)} interval of the
          share that was confirmed; the mark is {share(floor, 1)}. A kind whose whole interval lies below it is demoted to monitor
          by itself: it goes on raising alerts, and policies decide nothing because of it.
        </p>
      </Panel>
      <Panel title="Drift of the baselines">
        <Drift drift={drift} service={service} />
      </Panel>
    </div>
  );
}

function Budget({ report: { budget }, service }: { report: DetectionReport; service: string }) {
  const { opened, budget: most, stretch } = budget;
  return (
    <p className="rounded-lg border bg-surface px-4 py-3 text-sm shadow-card">
      <span className="font-medium">Alert budget:</span> {exact(opened)} {opened === 1 ? 'alert' : 'alerts'} of low and medium
      severity in 24 hours
      {most > 0 ? `, of ${exact(most)} that the team can look at.` : '; no budget is set.'}{' '}
      {stretch > 1 ? (
        <span className="font-medium text-medium">All limits are stretched {measure(stretch)} times, until it is calmer.</span>
      ) : (
        'Limits are as learnt.'
      )}{' '}
      <Link to="/services/$id/settings" params={{ id: service }} className="text-accent underline">
        Settings
      </Link>
    </p>
  );
}

/** Beyond it somebody should have noticed. */
const MUCH = 2;

function Drift({ drift, service }: { drift: readonly BaselineDrift[]; service: string }) {
  const rows = useMemo(() => drift.map((each) => ({ ...each, service })), [drift, service]);
  const since = drift[0]?.since;
  if (since === undefined)
    return (
      <p className="px-4 py-5 text-muted text-sm">
        Nothing to compare with yet: what was learnt is copied once a day, and endpoints count from half an hour of traffic on.
      </p>
    );
  return (
    <>
      <DataTable label="Drift" columns={columns} rows={rows} rowId={({ endpoint }) => endpoint} />
      <p className="px-4 py-2 text-faint text-xs">
        Everybody’s usual peak of a minute, against what was learnt <Ago ts={since} />.
      </p>
    </>
  );
}

const helper = columnsFor<BaselineDrift & { service: string }>();
const columns = helper.columns([
  helper.accessor('endpoint', {
    header: 'Endpoint',
    cell: ({ getValue, row: { original } }) => (
      <span className="block max-w-[44vw] truncate" title={getValue()}>
        <SubjectLink service={original.service} type="endpoint" id={getValue()} />
      </span>
    ),
  }),
  helper.accessor('before', { header: 'Before', meta: { end: true }, cell: ({ getValue }) => measure(getValue()) }),
  helper.accessor('now', { header: 'Now', meta: { end: true }, cell: ({ getValue }) => measure(getValue()) }),
  helper.accessor(({ before, now }) => now / before, {
    id: 'factor',
    header: 'Times',
    meta: { end: true },
    cell: ({ getValue }) => (
      <span className={getValue() >= MUCH || getValue() <= 1 / MUCH ? 'font-semibold text-high' : undefined}>
        {measure(getValue())}
      </span>
    ),
  }),
]);
