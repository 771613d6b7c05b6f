/** Requests over time, stacked by what became of them: served, failed, throttled, blocked; behind them the band of what is usual. */
import { Area, AreaChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { measure, moment } from '../format.js';
import { useZone } from '../reader.js';
import { axis, axisTime, cursor, grid, margin, type SeriesName, series, seriesNames, usualColour } from './style.js';
import { Tip } from './tip.js';

/** Requests a second, or in a bucket. `served` leaves out the other three. */
export type TrafficSample = { ts: number; usual?: readonly [low: number, high: number] } & Record<SeriesName, number>;

const order: readonly SeriesName[] = ['served', 'errors', 'throttled', 'blocked'];

export interface TrafficChartProps {
  samples: readonly TrafficSample[];
  unit: string;
  /** A moment was clicked. Not by a finger: a tap shows the figures. */
  onPick?: ((ts: number) => void) | undefined;
}

export default function TrafficChart({ samples, unit, onPick }: TrafficChartProps) {
  const zone = useZone();
  const span = (samples.at(-1)?.ts ?? 0) - (samples[0]?.ts ?? 0);
  return (
    <ResponsiveContainer width="100%" height="100%">
      <AreaChart
        key={zone}
        data={[...samples]}
        margin={margin}
        accessibilityLayer={false}
        className={onPick ? 'cursor-pointer' : ''}
        onClick={({ activeLabel }, { nativeEvent }) => {
          const byFinger = nativeEvent instanceof PointerEvent && nativeEvent.pointerType === 'touch';
          if (activeLabel !== undefined && !byFinger) onPick?.(Number(activeLabel));
        }}
      >
        <CartesianGrid {...grid} />
        <XAxis
          dataKey="ts"
          type="number"
          domain={['dataMin', 'dataMax']}
          tickFormatter={axisTime(span)}
          minTickGap={72}
          {...axis}
        />
        <YAxis width={44} tickFormatter={measure} allowDecimals={false} domain={[0, 'auto']} {...axis} />
        <Tooltip
          cursor={cursor}
          isAnimationActive={false}
          content={({ active, payload }) => {
            const sample: TrafficSample | undefined = active ? payload[0]?.payload : undefined;
            return sample ? (
              <Tip
                title={`${moment(sample.ts)} · ${unit}`}
                lines={[
                  ...order.map((name) => ({ name: seriesNames[name], value: measure(sample[name]), colour: series[name] })),
                  ...(sample.usual ? [{ name: 'Usual', value: sample.usual.map(measure).join(' – '), colour: usualColour }] : []),
                ]}
              />
            ) : null;
          }}
        />
        <Area
          dataKey="usual"
          type="linear"
          isAnimationActive={false}
          stroke={usualColour}
          strokeDasharray="3 4"
          strokeWidth={1}
          fill={usualColour}
          fillOpacity={0.1}
          activeDot={false}
        />
        {order.map((name) => (
          <Area
            key={name}
            dataKey={name}
            stackId="requests"
            type="linear"
            isAnimationActive={false}
            // Only the base has a line: a line of a series that is zero would lie over the others.
            stroke={name === 'served' ? series.served : 'none'}
            strokeWidth={1.75}
            fill={series[name]}
            fillOpacity={name === 'served' ? 0.13 : 0.72}
            activeDot={false}
          />
        ))}
      </AreaChart>
    </ResponsiveContainer>
  );
}
