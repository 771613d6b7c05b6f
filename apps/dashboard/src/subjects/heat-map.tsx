/** The hours of the week: how many requests each usually brings. Colour and number; each cell says its own. */

import type { SubjectType } from '@plimsoll/contracts';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { dayNames, measure } from '../format.js';
import { trafficQuery } from '../queries.js';
import { useZone } from '../reader.js';
import { cn } from '../ui/cn.js';
import { Panel } from '../ui/panel.js';
import { SkeletonRows } from '../ui/states.js';
import { ZoneNote } from '../ui/time.js';
import { NoHistory } from './no-history.js';
import { hoursQuery } from './subject-queries.js';
import { HOURS, levelOf, type WeekCell, weekOf } from './week.js';

const looks = ['bg-sunken', 'bg-accent/15', 'bg-accent/35', 'bg-accent/55', 'bg-accent/75', 'bg-accent'] as const;

interface WeekPanelProps {
  service: string;
  type: SubjectType;
  id: string;
}

/** Four weeks of the history; of services and endpoints, where there is none, the last week of the roll-ups. */
export function WeekPanel({ service, type, id }: WeekPanelProps) {
  const hours = useQuery(hoursQuery(service, type, id));
  const rolledUp = hours.isError && (type === 'service' || type === 'endpoint');
  const week = useQuery({
    ...trafficQuery({ service, ...(type === 'endpoint' && { endpoint: id }), minutes: 10_080, bucketMinutes: 60 }),
    enabled: rolledUp,
  });
  const query = rolledUp ? week : hours;
  const buckets = rolledUp ? week.data?.points : hours.data?.buckets;
  const zone = useZone();
  // biome-ignore lint/correctness/useExhaustiveDependencies: hours of the week are those of the zone
  const cells = useMemo(() => buckets && weekOf(buckets), [buckets, zone]);
  return (
    <Panel
      title="Hours of the week"
      actions={<span className="text-faint text-xs">{rolledUp ? 'last week' : 'last four weeks'}</span>}
    >
      {cells ? (
        <HeatMap cells={cells} />
      ) : query.isError ? (
        <NoHistory error={query.error} retry={() => void query.refetch()} />
      ) : (
        <SkeletonRows rows={4} />
      )}
    </Panel>
  );
}

export function HeatMap({ cells }: { cells: readonly (readonly WeekCell[])[] }) {
  useZone();
  const most = Math.max(0, ...cells.flat().map(({ mean }) => mean ?? 0));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways on a phone is scrolled by keys as well
    <section aria-label="The week" tabIndex={0} className="relative overflow-x-auto p-4">
      <table
        aria-label="Requests by hour of the week"
        className="w-full min-w-[34rem] table-fixed border-separate border-spacing-0.5 text-2xs"
      >
        <thead>
          <tr>
            <td className="w-9" />
            {HOURS.map((hour) => (
              <th key={hour} scope="col" className="font-normal text-faint">
                {hour % 3 === 0 ? hour : <span className="sr-only">{hour}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {dayNames().map((day, index) => (
            <tr key={day}>
              <th scope="row" className="text-left font-normal text-faint">
                {day}
              </th>
              {HOURS.map((hour) => (
                <Cell key={hour} day={day} hour={hour} cell={cells[index]?.[hour]} most={most} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="mt-2 text-faint text-xs">
        {most > 0 ? `At most ${measure(most)} requests an hour, on average.` : 'No requests yet.'} <ZoneNote />
      </p>
    </section>
  );
}

function Cell({ day, hour, cell, most }: { day: string; hour: number; cell: WeekCell | undefined; most: number }) {
  const text = cell?.mean === undefined ? 'not seen yet' : `${measure(cell.mean)} requests`;
  return (
    <td title={`${day} ${hour}:00: ${text}`} className={cn('h-5 rounded-[3px]', looks[levelOf(cell?.mean, most)])}>
      <span className="sr-only">{text}</span>
    </td>
  );
}
