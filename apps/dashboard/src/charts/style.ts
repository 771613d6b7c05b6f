/** The look that all charts share, on the design tokens, and how their axes tell time. */
import { clockMinute, clockTime, dayName } from '../format.js';

export const axis = {
  tickLine: false,
  axisLine: false,
  tick: { fill: 'var(--color-faint)', fontSize: 11 },
} as const;

export const grid = { stroke: 'var(--color-line)', strokeDasharray: '0', vertical: false } as const;
export const margin = { top: 12, right: 36, bottom: 4, left: 4 } as const;
export const cursor = { stroke: 'var(--color-line-strong)' } as const;

/** Colours of the traffic series; legend and chart use the same. */
export const series = {
  served: 'var(--color-area-served)',
  errors: 'var(--color-area-errors)',
  throttled: 'var(--color-area-throttled)',
  blocked: 'var(--color-area-blocked)',
} as const;
/** Of the band of what is usual. */
export const usualColour = 'var(--color-faint)';
export type SeriesName = keyof typeof series;
export const seriesNames: Record<SeriesName, string> = {
  served: 'Served',
  errors: 'Server errors',
  throttled: 'Throttled',
  blocked: 'Blocked',
};

/** What the columns of the histogram are made of, from the bottom. */
export const histogramParts = [
  { name: 'served', label: 'Served', colour: series.served },
  { name: 'clientErrors', label: 'Client errors', colour: series.throttled },
  { name: 'errors', label: 'Server errors', colour: series.errors },
] as const;

const HOUR_MS = 3_600_000;
/** How short the names of moments below a chart may be: seconds matter in minutes, days in weeks. */
export function axisTime(spanMs: number): (ts: number) => string {
  if (spanMs <= HOUR_MS / 4) return clockTime;
  if (spanMs <= 26 * HOUR_MS) return clockMinute;
  return spanMs <= 72 * HOUR_MS ? (ts) => `${dayName(ts)} ${clockMinute(ts)}` : dayName;
}
