/** Which endpoint follows which: a graph for eyes, and the same as a list for everybody. */
import type { SequenceStep } from '@plimsoll/contracts';
import { count } from '../format.js';
import { layOut, pathOf, ROW_PX } from './arcs.js';

const LINE_X = 90;
const WIDTH = 180;
const LISTED = 8;

export function Sequence({ steps }: { steps: readonly SequenceStep[] }) {
  const { nodes, arcs } = layOut(steps);
  const height = nodes.length * ROW_PX;
  return (
    <div className="p-4">
      <div className="flex items-start gap-2 overflow-x-auto">
        <svg
          viewBox={`0 0 ${WIDTH} ${height}`}
          width={WIDTH}
          height={height}
          className="shrink-0"
          aria-hidden="true"
          focusable="false"
        >
          {arcs.map((arc) => (
            <path
              key={`${arc.from} ${arc.to}`}
              d={pathOf(arc, LINE_X)}
              fill="none"
              stroke={arc.to > arc.from ? 'var(--color-accent)' : 'var(--color-faint)'}
              strokeWidth={1 + 4 * arc.weight}
              strokeOpacity={0.35 + 0.6 * arc.weight}
            />
          ))}
          {nodes.map((name, row) => (
            <circle key={name} cx={LINE_X} cy={row * ROW_PX + ROW_PX / 2} r="4" className="fill-ink" />
          ))}
        </svg>
        <ul aria-hidden className="min-w-0 flex-1 font-mono text-xs">
          {nodes.map((name) => (
            <li key={name} title={name} style={{ height: ROW_PX }} className="flex items-center">
              <span className="truncate">{name}</span>
            </li>
          ))}
        </ul>
      </div>
      <ol aria-label="Most frequent steps" className="mt-3 space-y-1 border-t pt-3 text-xs">
        {steps.slice(0, LISTED).map(({ from, to, times }) => (
          <li key={`${from} ${to}`} className="flex gap-3">
            <span className="min-w-0 flex-1 break-words font-mono">
              {from} → {to}
            </span>
            <span className="shrink-0 text-faint">{times === 1 ? 'once' : `${count(times)} times`}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
