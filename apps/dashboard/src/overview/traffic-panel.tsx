/** Traffic as a moving chart, against what is usual at the time: live by the second, or the roll-ups of the last hour, day or week. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ChartFrame } from '../charts/frame.js';
import { TrafficChart } from '../charts/lazy.js';
import { Legend } from '../charts/legend.js';
import { type SeriesName, series, seriesNames, usualColour } from '../charts/style.js';
import { measure } from '../format.js';
import { overviewQuery, trafficQuery } from '../queries.js';
import { busiest } from '../services/own.js';
import { Panel } from '../ui/panel.js';
import { Segmented } from '../ui/segmented.js';
import { useNow } from '../ui/time.js';
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
  const place = useInvestigated({ service, endpoint });
  const navigate = useNavigate();
  // Of whom is not known before the services are.
  const pick =
    place.service === undefined
      ? undefined
      : (ts: number) => void navigate({ to: '/investigate', search: { ...place, ...stretchAt(ts, shown) } });
  return (
    <Panel
      title={shown === 'live' ? 'Requests a second' : 'Requests'}
      actions={
        <>
          <TrafficLegend asked={askedOf(shown, { service, endpoint })} />
          <Segmented label="Time range" value={shown} choices={offered} onChange={setRange} />
          <InvestigateLink place={place} minutes={ranges[shown].minutes || liveAsked.minutes} />
        </>
      }
    >
      {shown === 'live' ? (
        <LiveChart service={service} onPick={pick} />
      ) : (
        <PastChart range={shown} service={service} endpoint={endpoint} onPick={pick} />
      )}
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

/** Whose requests are looked into: of all services the busiest one's, as nobody can look into all at once. */
function useInvestigated(place: Place): Place {
  const services = useQuery(overviewQuery).data?.services ?? [];
  return place.service ? place : { service: busiest(services)?.id };
}

/** What was drawn for a moment, and a little around it where that is seconds alone. */
const stretchAt = (ts: number, range: Range) =>
  range === 'live'
    ? { from: ts - MINUTE_MS, to: ts + MINUTE_MS }
    : { from: ts, to: ts + ranges[range].bucketMinutes * MINUTE_MS };

/** The time of the whole chart, up to this minute: what a click on it does, for every hand. */
function InvestigateLink({ place, minutes }: { place: Place; minutes: number }) {
  const to = Math.ceil(useNow() / MINUTE_MS) * MINUTE_MS;
  return (
    <Link
      to="/investigate"
      search={{ ...place, from: to - minutes * MINUTE_MS, to }}
      className="rounded-sm font-medium text-accent text-xs hover:underline"
    >
      Investigate
    </Link>
  );
}

/** The same answer as the chart's: it is asked for once. */
function TrafficLegend({ asked }: { asked: Asked }) {
  const { data } = useQuery(usualQuery(asked));
  const known = data && data.points.length > 0 ? [{ name: usualNames[data.basis], colour: usualColour, dashed: true }] : [];
  return <Legend entries={[...legend, ...known]} className="mr-2 hidden lg:flex" />;
}

function LiveChart({ service, onPick }: Pick<PastChartProps, 'service' | 'onPick'>) {
  const seconds = useBackfilledSeconds(LIVE_SECONDS, service);
  const usual = useQuery(usualQuery(askedOf('live', { service }))).data?.points ?? [];
  const samples = withUsual(fromSeconds(seconds), usual, MINUTE_MS, 1 / 60);
  const last = samples.at(-1);
  const band = last?.usual ? ` Usual at this time are ${last.usual.map(measure).join(' to ')}.` : '';
  return (
    <ChartFrame heightPx={HEIGHT_PX} summary={`Requests a second, live. Now ${measure(seconds.at(-1)?.requests ?? 0)}.${band}`}>
      <TrafficChart samples={samples} unit={ranges.live.unit} onPick={onPick} />
    </ChartFrame>
  );
}

interface PastChartProps {
  range: Exclude<Range, 'live'>;
  service: string | undefined;
  endpoint: string | undefined;
  onPick: ((ts: number) => void) | undefined;
}

function PastChart({ range, service, endpoint, onPick }: PastChartProps) {
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
      <TrafficChart samples={withUsual(fromPoints(points), usual, bucketMinutes * MINUTE_MS)} unit={unit} onPick={onPick} />
    </ChartFrame>
  );
}
