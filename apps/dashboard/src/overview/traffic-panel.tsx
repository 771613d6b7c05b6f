/** Traffic as a moving chart, against what is usual at the time: live by the second, or the roll-ups of the last hour, day or week. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ChartFrame } from '../charts/frame.js';
import { TrafficChart } from '../charts/lazy.js';
import { Legend } from '../charts/legend.js';
import { type SeriesName, series, seriesNames, usualColour } from '../charts/style.js';
import { measure } from '../format.js';
import { trafficQuery } from '../queries.js';
import { Panel } from '../ui/panel.js';
import { Segmented } from '../ui/segmented.js';
import { usualQuery } from './overview-queries.js';
import { fromPoints, fromSeconds, withUsual } from './samples.js';
import { useBackfilledSeconds } from './use-live.js';

const ranges = {
  live: { name: 'Live', minutes: 0, bucketMinutes: 0, unit: 'requests a second' },
  hour: { name: '1 h', minutes: 60, bucketMinutes: 1, unit: 'requests a minute' },
  day: { name: '24 h', minutes: 1440, bucketMinutes: 15, unit: 'requests in 15 minutes' },
  week: { name: '7 d', minutes: 10_080, bucketMinutes: 120, unit: 'requests in 2 hours' },
} as const;
type Range = keyof typeof ranges;

const choices = (Object.keys(ranges) as Range[]).map((value) => ({ value, name: ranges[value].name }));
const legend = (Object.keys(series) as SeriesName[]).map((name) => ({
  name: seriesNames[name],
  colour: series[name],
  area: true,
}));
const usualNames = { model: 'Usual, as learnt', days: 'Usual on other days' } as const;
const LIVE_SECONDS = 180;
const MINUTE_MS = 60_000;
const HEIGHT_PX = 248;

interface TrafficPanelProps {
  /** One service, or all. */
  service?: string;
  endpoint?: string | undefined;
  /** A chart of one endpoint has no live series. */
  first?: Range;
}

export function TrafficPanel({ service, endpoint, first = 'live' }: TrafficPanelProps) {
  const [range, setRange] = useState<Range>(first);
  const offered = endpoint ? choices.filter(({ value }) => value !== 'live') : choices;
  const shown = endpoint && range === 'live' ? 'hour' : range;
  return (
    <Panel
      title={shown === 'live' ? 'Requests a second' : 'Requests'}
      actions={
        <>
          <TrafficLegend asked={askedOf(shown, { service, endpoint })} />
          <Segmented label="Time range" value={shown} choices={offered} onChange={setRange} />
        </>
      }
    >
      {shown === 'live' ? <LiveChart service={service} /> : <PastChart range={shown} service={service} endpoint={endpoint} />}
    </Panel>
  );
}

type Asked = Parameters<typeof usualQuery>[0];
interface Place {
  service?: string | undefined;
  endpoint?: string | undefined;
}

const liveAsked = { minutes: 5, bucketMinutes: 1 } as const;
const askedOf = (range: Range, { service, endpoint }: Place): Asked => {
  const { minutes, bucketMinutes } = range === 'live' ? liveAsked : ranges[range];
  return { minutes, bucketMinutes, ...(service && { service }), ...(endpoint && { endpoint }) };
};

/** The same answer as the chart's: it is asked for once. */
function TrafficLegend({ asked }: { asked: Asked }) {
  const { data } = useQuery(usualQuery(asked));
  const known = data && data.points.length > 0 ? [{ name: usualNames[data.basis], colour: usualColour, dashed: true }] : [];
  return <Legend entries={[...legend, ...known]} className="mr-2 hidden lg:flex" />;
}

function LiveChart({ service }: { service: string | undefined }) {
  const seconds = useBackfilledSeconds(LIVE_SECONDS, service);
  const usual = useQuery(usualQuery(askedOf('live', { service }))).data?.points ?? [];
  const samples = withUsual(fromSeconds(seconds), usual, MINUTE_MS, 1 / 60);
  const last = samples.at(-1);
  const band = last?.usual ? ` Usual at this time are ${last.usual.map(measure).join(' to ')}.` : '';
  return (
    <ChartFrame heightPx={HEIGHT_PX} summary={`Requests a second, live. Now ${measure(seconds.at(-1)?.requests ?? 0)}.${band}`}>
      <TrafficChart samples={samples} unit={ranges.live.unit} />
    </ChartFrame>
  );
}

interface PastChartProps {
  range: Exclude<Range, 'live'>;
  service: string | undefined;
  endpoint: string | undefined;
}

function PastChart({ range, service, endpoint }: PastChartProps) {
  const { bucketMinutes, unit, name } = ranges[range];
  const asked = askedOf(range, { service, endpoint });
  const query = useQuery(trafficQuery(asked));
  const usual = useQuery(usualQuery(asked)).data?.points ?? [];
  const points = query.data?.points ?? [];
  const total = points.reduce((sum, point) => sum + point.requests, 0);
  return (
    <ChartFrame
      heightPx={HEIGHT_PX}
      loading={query.isPending}
      error={query.data ? null : query.error}
      retry={() => void query.refetch()}
      empty={total === 0 ? 'No requests in this time' : undefined}
      summary={`Requests of the last ${name}: ${measure(total)} in all.`}
    >
      <TrafficChart samples={withUsual(fromPoints(points), usual, bucketMinutes * MINUTE_MS)} unit={unit} />
    </ChartFrame>
  );
}
