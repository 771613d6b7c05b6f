/** The gallery's charts, and their frame in each of its states. */
import { alertLegend } from '../charts/alert-legend.js';
import { ChartFrame } from '../charts/frame.js';
import { AlertChart, HistogramChart, TrafficChart } from '../charts/lazy.js';
import { Legend } from '../charts/legend.js';
import { Sparkline } from '../charts/sparkline.js';
import { series, seriesNames } from '../charts/style.js';
import type { TrafficSample } from '../charts/traffic-chart.js';
import { scaleOf } from '../format.js';
import { Group } from './group.js';

const MINUTE_MS = 60_000;
const T0 = Date.UTC(2026, 10, 26, 8);
const samples: readonly TrafficSample[] = Array.from({ length: 60 }, (_, minute) => ({
  ts: T0 + minute * MINUTE_MS,
  served: 60 + Math.round(20 * Math.sin(minute / 6)),
  errors: minute % 17 === 0 ? 6 : 0,
  throttled: minute > 40 && minute < 52 ? 34 : 0,
  blocked: minute > 46 && minute < 52 ? 18 : 0,
}));
const inBand = samples.map((sample) => ({ ...sample, usual: [44, 88] as [number, number] }));
const buckets = samples.map(({ ts, served, errors, throttled }) => ({
  ts,
  requests: served + errors + throttled,
  errors,
  clientErrors: 3,
  refused: throttled,
}));
const legend = (Object.keys(series) as (keyof typeof series)[]).map((name) => ({
  name: seriesNames[name],
  colour: series[name],
  area: true,
}));

const points = Array.from({ length: 20 }, (_, minute) => ({
  ts: T0 + minute * MINUTE_MS,
  observed: minute < 15 ? 4 + (minute % 3) : 60 + minute,
  expected: 5,
  population: 9,
  limit: 24,
}));
const marks = [{ ts: T0 + 17 * MINUTE_MS, name: 'throttled' }];
const perMinute = scaleOf('requests', 60);

function AlertCharts() {
  return (
    <Group title="One alert">
      <Legend entries={alertLegend(points, marks)} />
      <ChartFrame heightPx={220} summary="77 requests a minute against 5.">
        <AlertChart points={points} scale={perMinute} windowSeconds={60} marks={marks} clear={24} />
      </ChartFrame>
      <ChartFrame heightPx={160} summary="A single point.">
        <AlertChart points={points.slice(-1)} scale={perMinute} windowSeconds={60} marks={[]} clear={24} />
      </ChartFrame>
    </Group>
  );
}

export function GalleryCharts() {
  return (
    <>
      <Group title="Traffic">
        <Legend entries={legend} />
        <ChartFrame heightPx={200} summary="Requests a minute, of one hour.">
          <TrafficChart samples={samples} unit="requests a minute" />
        </ChartFrame>
        <ChartFrame heightPx={200} summary="The same against its usual band.">
          <TrafficChart samples={inBand} unit="requests a minute" />
        </ChartFrame>
        <Sparkline values={samples.map(({ served }) => served)} className="h-7 w-24" />
      </Group>
      <AlertCharts />
      <Group title="Histogram">
        <ChartFrame heightPx={168} summary="Requests by the minute.">
          <HistogramChart buckets={buckets} bucketMs={MINUTE_MS} onNarrow={() => {}} />
        </ChartFrame>
      </Group>
      <Group title="A chart that is not there">
        <ChartFrame heightPx={120} summary="" loading>
          {null}
        </ChartFrame>
        <ChartFrame heightPx={140} summary="" empty="No requests in this time">
          {null}
        </ChartFrame>
        <ChartFrame heightPx={200} summary="" error={new Error('The history cannot be read now.')} retry={() => {}}>
          {null}
        </ChartFrame>
      </Group>
    </>
  );
}
