/** One line for each kind of alert: how many, what people said, how right it is, and whether policies act on it. */
import type { KindReport } from '@plimsoll/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { callOperation } from '../api.js';
import { exact, percent, share } from '../format.js';
import { toast } from '../toast.js';
import { Badge } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { columnsFor, DataTable } from '../ui/table.js';
import { Ago } from '../ui/time.js';
import { kindMeanings, kindNames } from '../words.js';

interface KindsTableProps {
  service: string;
  kinds: readonly KindReport[];
  floor: number;
  editable: boolean;
}

export function KindsTable({ service, kinds, floor, editable }: KindsTableProps) {
  const columns = useMemo(() => columnsWith(service, floor, editable), [service, floor, editable]);
  return <DataTable label="Kinds" columns={columns} rows={kinds} rowId={({ kind }) => kind} />;
}

const helper = columnsFor<KindReport>();

function columnsWith(service: string, floor: number, editable: boolean) {
  return helper.columns([
    helper.accessor((row) => kindNames[row.kind], {
      id: 'kind',
      header: 'Kind',
      cell: ({ getValue, row: { original } }) => (
        <span title={kindMeanings[original.kind]} className="font-medium">
          {getValue()}
        </span>
      ),
    }),
    helper.accessor('mode', {
      header: 'Policies act',
      cell: ({ row: { original } }) => <State report={original} service={service} editable={editable} />,
    }),
    helper.accessor('opened', {
      header: 'Alerts',
      meta: { end: true },
      cell: ({ getValue, row: { original } }) => (
        <Link to="/alerts" search={{ service, kind: original.kind, state: 'all' }} className="hover:text-accent hover:underline">
          {exact(getValue())}
        </Link>
      ),
    }),
    helper.accessor('confirmed', {
      header: 'Confirmed',
      meta: { end: true, wide: true },
      cell: ({ getValue }) => exact(getValue()),
    }),
    helper.accessor('falseAlarms', {
      header: 'False',
      meta: { end: true, wide: true },
      cell: ({ getValue }) => exact(getValue()),
    }),
    helper.accessor('expected', {
      header: 'Expected',
      meta: { end: true, wide: true },
      cell: ({ getValue }) => exact(getValue()),
    }),
    helper.accessor((row) => row.precision ?? -1, {
      id: 'precision',
      header: 'Precision',
      cell: ({ row: { original } }) => <PrecisionBar report={original} floor={floor} />,
    }),
  ]);
}

/** `57% (34% to 78%)` with the interval drawn; nothing is claimed where nothing was judged. */
export function PrecisionBar({ report: { precision, low, high }, floor }: { report: KindReport; floor: number }) {
  if (precision === null) return <span className="text-faint text-xs">not judged yet</span>;
  const bad = high < floor;
  return (
    <span className="flex items-center gap-3">
      <svg
        viewBox="0 0 100 12"
        preserveAspectRatio="none"
        className="h-3 w-24 shrink-0 max-sm:hidden"
        aria-hidden="true"
        focusable="false"
      >
        <rect x="0" y="4" width="100" height="4" rx="2" className="fill-sunken" />
        <rect
          x={low * 100}
          y="4"
          width={Math.max(1, (high - low) * 100)}
          height="4"
          rx="2"
          className={bad ? 'fill-critical/50' : 'fill-accent/50'}
        />
        <rect x={precision * 100 - 1} y="2" width="2" height="8" className={bad ? 'fill-critical' : 'fill-accent'} />
        <rect x={floor * 100} y="0" width="1" height="12" className="fill-line-strong" />
      </svg>
      <span className="whitespace-nowrap">
        <span className={bad ? 'font-semibold text-critical' : 'font-medium'}>{share(precision, 1)}</span>{' '}
        <span className="text-faint text-xs">
          ({percent(low)} to {percent(high)})
        </span>
      </span>
    </span>
  );
}

const modeNames = { on: 'yes', monitor: 'no, by the settings', off: 'not looked for' } as const;

function State({
  report: { kind, mode, demotedAt },
  service,
  editable,
}: {
  report: KindReport;
  service: string;
  editable: boolean;
}) {
  const client = useQueryClient();
  const restore = useMutation({
    mutationFn: () => callOperation('restoreKind', { params: { id: service }, body: { kind } }),
    onSuccess: (report) => {
      client.setQueryData(['detection', service], report);
      toast.success(`${kindNames[kind]} is believed again`, { description: 'Verdicts from now on can demote it anew.' });
    },
    onError: (error) => toast.error('Not restored', { description: error.message }),
  });
  if (demotedAt === null) return <span className={mode === 'on' ? undefined : 'text-muted'}>{modeNames[mode]}</span>;
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <Badge className="bg-high/14 text-high">demoted</Badge>
      <Ago ts={demotedAt} className="text-faint text-xs" />
      {editable && (
        <Button size="sm" busy={restore.isPending} onClick={() => restore.mutate()} aria-label={`Restore ${kindNames[kind]}`}>
          Restore
        </Button>
      )}
    </span>
  );
}
