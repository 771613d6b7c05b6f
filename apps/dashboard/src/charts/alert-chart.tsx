/**
 * What was observed against what was expected, with the limit drawn in like a load line. What lies above the line is
 * filled red: the reason for the alert can be seen before a word is read. A line of its own says up to where there would have been none.
 */
import type { AlertPoint } from '@plimsoll/contracts';
import { Area, CartesianGrid, ComposedChart, Line, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { moment, type Scale } from '../format.js';
import { useZone } from '../reader.js';
import { alertColours as colours, type Mark, markNames } from './alert-legend.js';
import { type DrawnPoint, drawnOf } from './crossings.js';
import { axis, axisTime, cursor, grid, margin } from './style.js';
import { Tip } from './tip.js';

export interface AlertChartProps {
  points: readonly AlertPoint[];
  scale: Scale;
  windowSeconds: number;
  marks: readonly Mark[];
  /** Up to here there would have been no alert. */
  clear: number;
}

/** What would have been within the limit and above the expectation. */
const bandOf = ({ expected, limit }: AlertPoint): [number, number] => [expected, limit];

/** The charts move by their data; an animation of each change would lag behind it. */
const still = { isAnimationActive: false, activeDot: false } as const;

function PointTip({ point, title, text }: { point: AlertPoint; title: string; text: Scale['text'] }) {
  return (
    <Tip
      title={title}
      lines={[
        { name: 'Observed', value: text(point.observed), colour: colours.observed },
        { name: 'Expected', value: text(point.expected), colour: colours.expected },
        ...(point.population === undefined
          ? []
          : [{ name: 'Population', value: text(point.population), colour: colours.population }]),
        { name: 'Limit', value: text(point.limit), colour: colours.limit },
      ]}
    />
  );
}

/** Pixels that the longest label of the axis needs. */
function widthFor(points: readonly AlertPoint[], { text }: Scale): number {
  const longest = Math.max(0, ...points.flatMap(({ observed, limit }) => [text(observed).length, text(limit).length]));
  return Math.min(76, Math.max(44, 12 + 6.5 * longest));
}

/** What is not observed, but known of it. An element and no component: the chart looks at its children. */
const dashed = (dataKey: 'expected' | 'population', strokeDasharray: string) => (
  <Line
    dataKey={dataKey}
    type="linear"
    stroke={colours[dataKey]}
    strokeWidth={1.5}
    strokeDasharray={strokeDasharray}
    strokeLinecap="round"
    dot={false}
    {...still}
  />
);

/** An element, for the same reason. */
const clearLine = (clear: number, scale: Scale) => (
  <ReferenceLine
    y={clear}
    ifOverflow="extendDomain"
    stroke={colours.clear}
    strokeDasharray="6 4"
    label={{
      value: `up to ${scale.text(clear)}: no alert`,
      position: 'insideBottomLeft',
      fill: colours.clear,
      fontSize: 11,
    }}
  />
);

/** Its name stands beside the line on the side that has room, so that it never lies over the axis. */
const markLine = ({ ts, name, label }: ReturnType<typeof markNames>[number], early: boolean) => (
  <ReferenceLine
    key={`${name} ${ts}`}
    x={ts}
    stroke={colours.mark}
    strokeDasharray="2 3"
    label={{ value: label, position: early ? 'insideTopLeft' : 'insideTopRight', fill: 'var(--color-muted)', fontSize: 11 }}
  />
);

export default function AlertChart({ points, scale, windowSeconds, marks, clear }: AlertChartProps) {
  const zone = useZone();
  const data = drawnOf(points, windowSeconds * 1000);
  const first = data[0]?.ts ?? 0;
  const last = data.at(-1)?.ts ?? 0;
  // What was decided because of the last point comes a little after it: the axis makes room for that.
  const room = last + (last - first) / 6;
  const inside = marks.filter(({ ts }) => ts >= first && ts <= room);
  const end = Math.max(last, ...inside.map(({ ts }) => ts));
  return (
    <ResponsiveContainer width="100%" height="100%">
      <ComposedChart key={zone} data={data} margin={margin} accessibilityLayer={false}>
        <CartesianGrid {...grid} />
        <XAxis
          dataKey="ts"
          type="number"
          domain={[first, end]}
          tickFormatter={axisTime(last - first)}
          minTickGap={64}
          {...axis}
        />
        <YAxis width={widthFor(points, scale)} tickFormatter={scale.text} domain={[0, 'auto']} {...axis} />
        <Tooltip
          cursor={cursor}
          isAnimationActive={false}
          content={({ active, payload }) => {
            const point: DrawnPoint | undefined = active ? payload[0]?.payload : undefined;
            return point && point.crossing === false ? (
              <PointTip point={point} title={`${moment(point.ts)} · ${scale.per}`} text={scale.text} />
            ) : null;
          }}
        />
        <Area dataKey={bandOf} type="linear" stroke="none" fill={colours.expected} fillOpacity={0.12} {...still} />
        <Area
          dataKey="within"
          stackId="observed"
          type="linear"
          stroke="none"
          fill={colours.observed}
          fillOpacity={0.1}
          {...still}
        />
        <Area dataKey="above" stackId="observed" type="linear" stroke="none" fill={colours.limit} fillOpacity={0.22} {...still} />
        {dashed('expected', '4 4')}
        {dashed('population', '1 4')}
        <Line dataKey="limit" type="linear" stroke={colours.limit} strokeWidth={1.5} dot={false} {...still} />
        <Line
          dataKey="observed"
          type="linear"
          stroke={colours.observed}
          strokeWidth={2}
          dot={points.length === 1 ? { r: 3, fill: colours.observed } : false}
          activeDot={false}
          isAnimationActive={false}
        />
        {clearLine(clear, scale)}
        {markNames(inside, end - first).map((mark) => markLine(mark, mark.ts - first < end - mark.ts))}
      </ComposedChart>
    </ResponsiveContainer>
  );
}
