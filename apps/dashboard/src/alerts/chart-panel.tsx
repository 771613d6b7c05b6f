/** The chart of an alert: what was observed against what was expected, in figures, as a picture, and as a table for who sees none. */
import type { AlertDetail, AlertPoint } from '@plimsoll/contracts';
import { alertLegend, type Mark } from '../charts/alert-legend.js';
import { ChartFrame } from '../charts/frame.js';
import { AlertChart } from '../charts/lazy.js';
import { Legend } from '../charts/legend.js';
import { serverNow } from '../clock.js';
import { moment, type Scale, scaleOf } from '../format.js';
import { useZone } from '../reader.js';
import { Panel } from '../ui/panel.js';
import { Moment } from '../ui/time.js';
import { Figures } from './alert-facts.js';
import { turnsOf } from './timeline.js';

export function ChartPanel({ detail }: { detail: AlertDetail }) {
  const { alert, points } = detail;
  const scale = scaleOf(alert.unit, alert.windowSeconds);
  const { text, per } = scale;
  const marks = turnsOf(detail, serverNow()).map(({ at, name }) => ({ ts: at, name }));
  const population = points.at(-1)?.population;
  const others = population === undefined ? '' : ` Population: ${text(population)}.`;
  return (
    <Panel title="Observed against expected" actions={<Legend entries={alertLegend(points, marks)} />}>
      <Figures alert={alert} population={population} />
      <ChartFrame
        heightPx={280}
        empty={points.length === 0 ? 'No series was kept for this alert' : undefined}
        summary={`Observed ${text(alert.observed)}, expected ${text(alert.expected)}, limit ${text(alert.limit)} ${per}.${others} At ${text(alert.limit)} or fewer there would have been no alert.`}
      >
        <AlertChart points={points} scale={scale} windowSeconds={alert.windowSeconds} marks={marks} clear={alert.limit} />
      </ChartFrame>
      {points.length > 0 && <AsTable points={points} marks={marks} scale={scale} />}
    </Panel>
  );
}

const cell = 'whitespace-nowrap px-4 py-1 text-right';

/** The same as the chart, newest first: for a screen reader, for exact times, and to be copied. */
function AsTable({
  points,
  marks,
  scale: { text, per },
}: {
  points: readonly AlertPoint[];
  marks: readonly Mark[];
  scale: Scale;
}) {
  useZone();
  const others = points.some(({ population }) => population !== undefined);
  return (
    <details className="border-t text-xs print:hidden">
      <summary className="cursor-pointer px-4 py-2 text-muted hover:text-ink">The chart as a table</summary>
      {marks.length > 0 && (
        <ul aria-label="Decisions in this time" className="px-4 pb-2 text-muted">
          {marks.map(({ ts, name }) => (
            <li key={`${name} ${ts}`}>
              {name} at {moment(ts)}
            </li>
          ))}
        </ul>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keys as well */}
      <section aria-label="The chart as a table" tabIndex={0} className="relative max-h-80 overflow-auto">
        <table className="w-full">
          <caption className="sr-only">Observed against expected, {per}, newest first</caption>
          <thead className="sticky top-0 bg-surface text-faint">
            <tr>
              <th scope="col" className="px-4 py-1 text-left font-medium">
                Time
              </th>
              {['Observed', 'Expected', ...(others ? ['Population'] : []), 'Limit'].map((name) => (
                <th key={name} scope="col" className={`${cell} font-medium`}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[...points].reverse().map(({ ts, observed, expected, population, limit }) => (
              <tr key={ts} className="border-t">
                <th scope="row" className="whitespace-nowrap px-4 py-1 text-left font-normal">
                  <Moment ts={ts} />
                </th>
                <td className={`${cell} ${observed > limit ? 'font-semibold text-critical' : ''}`}>{text(observed)}</td>
                <td className={cell}>{text(expected)}</td>
                {others && <td className={cell}>{population === undefined ? '–' : text(population)}</td>}
                <td className={cell}>{text(limit)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
