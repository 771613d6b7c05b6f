/** Who and what deviates most: subjects, or endpoints, with the gravest unresolved alerts of the last day. */
import type { Deviating } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ShieldCheck } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { exact, measure } from '../format.js';
import { SeverityMark } from '../ui/badge.js';
import { Panel } from '../ui/panel.js';
import { Segmented } from '../ui/segmented.js';
import { Empty, Failure, SkeletonRows } from '../ui/states.js';
import { kindNames, subjectText } from '../words.js';
import { deviatingQuery } from './overview-queries.js';

const choices = [
  { value: 'subjects', name: 'Who' },
  { value: 'endpoints', name: 'Where' },
] as const;
type Choice = (typeof choices)[number]['value'];

export function DeviatingPanel() {
  const [shown, setShown] = useState<Choice>('subjects');
  const query = useQuery(deviatingQuery);
  const data = query.data;
  return (
    <Panel
      title="Furthest from normal"
      actions={<Segmented label="Furthest from normal" value={shown} choices={choices} onChange={setShown} />}
    >
      {query.isPending ? (
        <SkeletonRows rows={4} />
      ) : !data ? (
        <Failure error={query.error ?? new Error('no answer')} retry={() => void query.refetch()} />
      ) : data[shown].length === 0 ? (
        <Empty icon={ShieldCheck} title="Nothing deviates" className="py-8">
          Who and what is furthest from normal will stand here, with a way to its alerts.
        </Empty>
      ) : (
        <ul aria-label="Furthest from normal">
          {shown === 'subjects'
            ? data.subjects.map((row) => <SubjectRow key={`${row.service} ${subjectText(row.subject)}`} row={row} />)
            : data.endpoints.map((row) => <EndpointRow key={`${row.service} ${row.endpoint}`} row={row} />)}
        </ul>
      )}
    </Panel>
  );
}

const linkLook = 'block truncate font-medium text-sm after:absolute after:inset-0';

const SubjectRow = ({ row }: { row: Deviating['subjects'][number] }) => (
  <Row row={row}>
    <Link to="/subject" search={{ service: row.service, type: row.subject.type, id: row.subject.id }} className={linkLook}>
      {subjectText(row.subject)}
    </Link>
  </Row>
);

const EndpointRow = ({ row }: { row: Deviating['endpoints'][number] }) => (
  <Row row={row}>
    <Link to="/endpoint" search={{ service: row.service, name: row.endpoint }} className={`${linkLook} font-mono text-xs`}>
      {row.endpoint}
    </Link>
  </Row>
);

function Row({ row, children }: { row: Omit<Deviating['endpoints'][number], 'endpoint'>; children: ReactNode }) {
  const { severity, kinds, service, times, alerts } = row;
  return (
    <li className="relative flex items-center gap-3 border-b px-4 py-2 last:border-b-0 hover:bg-hover/60">
      <SeverityMark severity={severity} />
      <div className="min-w-0 flex-1">
        {children}
        <p className="truncate text-faint text-xs">
          {service} · {kinds.map((kind) => kindNames[kind]).join(', ')}
        </p>
      </div>
      <p className="shrink-0 text-right text-xs">
        {times > 1 && <span className="block font-medium">{measure(times)} × the limit</span>}
        <span className="text-faint">
          {exact(alerts)} {alerts === 1 ? 'alert' : 'alerts'}
        </span>
      </p>
    </li>
  );
}
