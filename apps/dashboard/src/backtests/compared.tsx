/** Alerts and decisions that come, go or change, by name and verdict. Nothing is drawn where there are none. */
import type { ComparedAlert, ComparedDecision } from '@plimsoll/contracts';
import { Link } from '@tanstack/react-router';
import { exact } from '../format.js';
import { Badge, SeverityMark } from '../ui/badge.js';
import { Panel } from '../ui/panel.js';
import { columnsFor, DataTable } from '../ui/table.js';
import { Moment } from '../ui/time.js';
import { kindNames, subjectTypeName, verdictNames } from '../words.js';

interface ComparedProps<T> {
  title: string;
  items: readonly T[];
  total: number;
}

const verdictText = (verdict: ComparedAlert['verdict']) => (verdict === null ? 'not judged' : verdictNames[verdict]);
const Whom = ({ of: { subject, endpoint } }: { of: Pick<ComparedAlert, 'subject' | 'endpoint'> }) => (
  <span title={subject.id} className="block max-w-72">
    <span className="block truncate">
      <span className="text-faint">{subjectTypeName(subject.type)}</span> {subject.id}
    </span>
    {endpoint !== null && <span className="block truncate font-mono text-faint text-xs">{endpoint}</span>}
  </span>
);
const Time = ({ ts }: { ts: number }) => <Moment ts={ts} className="whitespace-nowrap text-muted text-xs" />;

const alerts = columnsFor<ComparedAlert>();
const alertColumns = alerts.columns([
  alerts.accessor('openedAt', { header: 'Opened', cell: ({ getValue }) => <Time ts={getValue()} /> }),
  alerts.accessor('severity', {
    header: 'Severity',
    cell: ({ row: { original } }) => (
      <span className="flex flex-wrap items-center gap-1">
        {original.severityBefore && (
          <>
            <SeverityMark severity={original.severityBefore} withName /> <span aria-hidden>→</span>
          </>
        )}
        <SeverityMark severity={original.severity} withName />
      </span>
    ),
  }),
  alerts.accessor('kind', { header: 'Kind', cell: ({ getValue }) => kindNames[getValue()] }),
  alerts.accessor(({ subject }) => subject.id, { id: 'about', header: 'About', cell: ({ row }) => <Whom of={row.original} /> }),
  alerts.accessor('verdict', {
    header: 'Verdict',
    cell: ({ row: { original } }) =>
      original.alertId === undefined ? (
        <span className="text-faint text-xs">no alert then</span>
      ) : (
        <Link
          to="/alerts/$id"
          params={{ id: original.alertId }}
          className="whitespace-nowrap font-medium text-accent text-xs hover:underline"
        >
          {verdictText(original.verdict)}
        </Link>
      ),
  }),
]);

const decisions = columnsFor<ComparedDecision>();
const decisionColumns = decisions.columns([
  decisions.accessor('decidedAt', { header: 'From', cell: ({ getValue }) => <Time ts={getValue()} /> }),
  decisions.accessor('action', { header: 'Action', cell: ({ getValue }) => <Badge>{getValue()}</Badge> }),
  decisions.accessor('kind', {
    header: 'Kind',
    cell: ({ getValue }) => (getValue() === null ? '–' : kindNames[getValue() ?? 'rate']),
  }),
  decisions.accessor(({ subject }) => subject.id, { id: 'whom', header: 'Whom', cell: ({ row }) => <Whom of={row.original} /> }),
  decisions.accessor('verdict', {
    header: 'Verdict',
    cell: ({ getValue }) => <span className="whitespace-nowrap text-xs">{verdictText(getValue())}</span>,
  }),
]);

const More = ({ items, total }: { items: readonly unknown[]; total: number }) =>
  total > items.length ? (
    <p className="border-t px-4 py-2 text-faint text-xs">
      The first {exact(items.length)} of {exact(total)}.
    </p>
  ) : null;

export function AlertsCompared({ title, items, total }: ComparedProps<ComparedAlert>) {
  if (total === 0) return null;
  return (
    <Panel title={`${title}: ${exact(total)}`}>
      <DataTable
        label={title}
        columns={alertColumns}
        rows={items}
        rowId={(each) => `${each.kind} ${each.subject.id} ${each.endpoint} ${each.openedAt}`}
      />
      <More items={items} total={total} />
    </Panel>
  );
}

export function DecisionsCompared({ title, items, total }: ComparedProps<ComparedDecision>) {
  if (total === 0) return null;
  return (
    <Panel title={`${title}: ${exact(total)}`}>
      <DataTable
        label={title}
        columns={decisionColumns}
        rows={items}
        rowId={(each) => `${each.action} ${each.subject.id} ${each.endpoint} ${each.decidedAt}`}
      />
      <More items={items} total={total} />
    </Panel>
  );
}
