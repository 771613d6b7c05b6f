/** Requests a bucket as columns: served, client errors, server errors, refused. Drawing over columns chooses their time. */
import type { HistoryBucket } from '@plimsoll/contracts';
import { useState } from 'react';
import { Bar, BarChart, CartesianGrid, ReferenceArea, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { exact, measure, moment } from '../format.js';
import { useZone } from '../reader.js';
import { axis, axisTime, grid, margin, histogramParts as parts, series } from './style.js';
import { Tip } from './tip.js';

export interface HistogramChartProps {
  buckets: readonly HistoryBucket[];
  bucketMs: number;
  onNarrow: (from: number, to: number) => void;
}

export default function HistogramChart({ buckets, bucketMs, onNarrow }: HistogramChartProps) {
  const zone = useZone();
  const [drawn, setDrawn] = useState<{ from: number; to: number }>();
  const data = buckets.map((bucket) => ({ ...bucket, served: bucket.requests - bucket.clientErrors - bucket.errors }));
  const at = (label: unknown) => (label === undefined || label === null ? undefined : Number(label));
  const finish = () => {
    if (drawn) onNarrow(Math.min(drawn.from, drawn.to), Math.max(drawn.from, drawn.to) + bucketMs);
    setDrawn(undefined);
  };
  return (
    <ResponsiveContainer width="100%" height="100%">
      <BarChart
        key={zone}
        data={data}
        margin={margin}
        barCategoryGap={1}
        accessibilityLayer={false}
        className="cursor-crosshair select-none"
        onMouseDown={({ activeLabel }) => {
          const ts = at(activeLabel);
          if (ts !== undefined) setDrawn({ from: ts, to: ts });
        }}
        onMouseMove={({ activeLabel }) => {
          const ts = at(activeLabel);
          if (ts !== undefined) setDrawn((old) => old && { ...old, to: ts });
        }}
        onMouseUp={finish}
        onMouseLeave={() => setDrawn(undefined)}
      >
        <CartesianGrid {...grid} />
        <XAxis dataKey="ts" tickFormatter={axisTime(bucketMs * buckets.length)} minTickGap={72} {...axis} />
        <YAxis width={44} tickFormatter={measure} allowDecimals={false} {...axis} />
        <Tooltip
          isAnimationActive={false}
          cursor={{ fill: 'var(--color-hover)' }}
          content={({ active, payload }) => {
            const bucket: (typeof data)[number] | undefined = active ? payload[0]?.payload : undefined;
            return bucket ? (
              <Tip
                title={moment(bucket.ts)}
                lines={[
                  ...parts.map(({ name, label, colour }) => ({ name: label, value: exact(bucket[name]), colour })),
                  { name: 'Refused, of these', value: exact(bucket.refused), colour: series.blocked },
                ]}
              />
            ) : null;
          }}
        />
        {parts.map(({ name, colour }) => (
          <Bar key={name} dataKey={name} stackId="requests" fill={colour} fillOpacity={0.75} isAnimationActive={false} />
        ))}
        {drawn && (
          <ReferenceArea
            x1={Math.min(drawn.from, drawn.to)}
            x2={Math.max(drawn.from, drawn.to)}
            fill="var(--color-accent)"
            fillOpacity={0.15}
          />
        )}
      </BarChart>
    </ResponsiveContainer>
  );
}
