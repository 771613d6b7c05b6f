/** What was learnt of an actor or address: on each endpoint what is expected now, from where on it stands out, and how sure that is. */
import type { Baseline, BaselineWindow, KnownAccount } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { GraduationCap } from 'lucide-react';
import { useState } from 'react';
import { Sparkline } from '../charts/sparkline.js';
import { count, exact, measure, share } from '../format.js';
import { Badge } from '../ui/badge.js';
import { Panel } from '../ui/panel.js';
import { Segmented } from '../ui/segmented.js';
import { Empty, Failure, SkeletonRows } from '../ui/states.js';
import { columnsFor, DataTable } from '../ui/table.js';
import { Ago } from '../ui/time.js';
import { surgeOf } from './room-words.js';
import { outlookQuery } from './subject-queries.js';

const windows = [
  { value: '10', name: '10 s' },
  { value: '60', name: '1 min' },
  { value: '3600', name: '1 h' },
] as const;
type WindowName = (typeof windows)[number]['value'];

interface BaselinesPanelProps {
  service: string;
  type: 'actor' | 'address';
  id: string;
}

export function BaselinesPanel({ service, type, id }: BaselinesPanelProps) {
  const query = useQuery(outlookQuery(service, type, id));
  const [chosen, setChosen] = useState<WindowName>('60');
  return (
    <Panel title="Baselines" actions={<Segmented label="Window" value={chosen} choices={windows} onChange={setChosen} />}>
      {query.isPending ? (
        <SkeletonRows rows={4} />
      ) : query.isError && !query.data ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : (
        <>
          {query.data.allowed && (
            <p className="border-b bg-sunken/60 px-4 py-2.5 text-sm">It is on the allow-list: nothing is raised about it.</p>
          )}
          {query.data.known && <KnownLine known={query.data.known} />}
          {query.data.baselines.length === 0 ? (
            <Empty icon={GraduationCap} title="Nothing is learnt yet">
              It is judged by what everybody does until a few minutes of its own are known.
            </Empty>
          ) : (
            <Table baselines={query.data.baselines} windowSeconds={Number(chosen)} service={service} />
          )}
        </>
      )}
    </Panel>
  );
}

function KnownLine({ known }: { known: KnownAccount }) {
  const met = (many: number, name: string) => `${exact(many)} ${name}${many === 1 ? '' : 's'}`;
  return (
    <p className="border-b px-4 py-2.5 text-muted text-sm">
      Known since <Ago ts={known.since} />: {count(known.requests)} requests in {met(known.sessions, 'session')}, by{' '}
      {met(known.devices.length, 'device')} from {met(known.networks.length, 'network')}.
    </p>
  );
}

interface Row extends BaselineWindow {
  service: string;
  endpoint: string;
  peaks: number[];
}

function Table({
  baselines,
  windowSeconds,
  service,
}: {
  baselines: readonly Baseline[];
  windowSeconds: number;
  service: string;
}) {
  const rows = baselines.flatMap(({ endpoint, windows: all, peaks }): Row[] => {
    const window = all.find((each) => each.windowSeconds === windowSeconds);
    const points = peaks.find((each) => each.windowSeconds === windowSeconds)?.points ?? [];
    return window ? [{ ...window, service, endpoint, peaks: points.map(({ peak }) => peak) }] : [];
  });
  return (
    <>
      <DataTable label="Baselines" columns={columns} rows={rows} rowId={({ endpoint }) => endpoint} />
      <p className="px-4 py-2 text-faint text-xs">
        Evidence is the share that its own habits have in what is expected; the rest is what everybody does there.
        {rows.some((row) => surgeOf(row)) && ' In a surge everybody is above the usual, and expectations and limits with them.'}
      </p>
    </>
  );
}

function Limit({ of }: { of: BaselineWindow }) {
  const surge = surgeOf(of);
  return (
    <>
      {surge && (
        <span title={surge.sentence} className="mr-1.5">
          <Badge>surge {surge.factor}</Badge>
        </span>
      )}
      <span className={of.observed > of.limit ? 'font-semibold text-critical' : 'font-medium'}>{exact(of.limit)}</span>
    </>
  );
}

const helper = columnsFor<Row>();
const columns = helper.columns([
  helper.accessor('endpoint', {
    header: 'Endpoint',
    cell: ({ getValue, row: { original } }) => (
      <Link
        to="/endpoint"
        search={{ service: original.service, name: getValue() }}
        className="block max-w-[40vw] truncate font-mono text-xs hover:text-accent hover:underline lg:max-w-80"
      >
        {getValue()}
      </Link>
    ),
  }),
  helper.accessor('observed', { header: 'Now', meta: { end: true }, cell: ({ getValue }) => exact(getValue()) }),
  helper.accessor('expected', { header: 'Expected', meta: { end: true }, cell: ({ getValue }) => measure(getValue()) }),
  helper.accessor('limit', {
    header: 'Limit',
    meta: { end: true },
    cell: ({ row: { original } }) => <Limit of={original} />,
  }),
  helper.accessor((row) => row.evidence.weight, {
    id: 'evidence',
    header: 'Evidence',
    meta: { end: true, wide: true },
    cell: ({ getValue, row: { original } }) => (
      <span title={`${measure(original.evidence.own)} blocks of its own, ${measure(original.evidence.population)} of everybody`}>
        {share(getValue(), 1)}
      </span>
    ),
  }),
  helper.display({
    id: 'peaks',
    header: 'Last peaks',
    meta: { wide: true },
    cell: ({ row: { original } }) =>
      original.peaks.length > 1 ? (
        <Sparkline values={original.peaks} className="h-6 w-24" />
      ) : (
        <span className="text-faint">–</span>
      ),
  }),
]);
