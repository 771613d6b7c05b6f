/** Open alerts by kind, each with the shares of its severities; a row leads to these alerts. */
import type { Overview, Severity } from '@plimsoll/contracts';
import { Link } from '@tanstack/react-router';
import { ShieldCheck } from 'lucide-react';
import { exact } from '../format.js';
import { Panel } from '../ui/panel.js';
import { Empty } from '../ui/states.js';
import { kindNames, severityNames } from '../words.js';
import { SeverityBar } from './severity-bar.js';

const totalOf = (counts: Record<Severity, number>) => Object.values(counts).reduce((sum, count) => sum + count, 0);
const inWords = (counts: Record<Severity, number>) =>
  (Object.keys(counts) as Severity[])
    .filter((severity) => counts[severity] > 0)
    .map((severity) => `${exact(counts[severity])} ${severityNames[severity].toLowerCase()}`)
    .reverse()
    .join(', ');

export function KindsPanel({ kinds }: { kinds: Overview['byKind'] }) {
  const rows = kinds.map((row) => ({ ...row, total: totalOf(row.bySeverity) })).sort((a, b) => b.total - a.total);
  const most = rows[0]?.total ?? 1;
  return (
    <Panel title="Open alerts by kind">
      {rows.length === 0 ? (
        <Empty icon={ShieldCheck} title="No open alerts" className="py-8">
          What is found will be counted here by its kind.{' '}
          <Link to="/detection" className="font-medium text-accent hover:underline">
            What is looked for
          </Link>
        </Empty>
      ) : (
        <ul aria-label="Open alerts by kind" className="py-1.5">
          {rows.map(({ kind, bySeverity, total }) => (
            <li key={kind}>
              <Link
                to="/alerts"
                search={{ state: 'open', kind }}
                title={inWords(bySeverity)}
                className="grid grid-cols-[8.5rem_1fr_3rem] items-center gap-3 px-4 py-1.5 text-sm hover:bg-hover/60"
              >
                <span className="truncate">{kindNames[kind]}</span>
                <span style={{ width: `${Math.max(4, (100 * total) / most)}%` }}>
                  <SeverityBar counts={bySeverity} />
                </span>
                <span className="text-right font-medium">
                  {exact(total)}
                  <span className="sr-only"> open, {inWords(bySeverity)}</span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
