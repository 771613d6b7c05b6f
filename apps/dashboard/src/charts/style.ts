/** The look that all charts share, on the design tokens. */
export const axis = {
  tickLine: false,
  axisLine: false,
  tick: { fill: 'var(--color-faint)', fontSize: 11 },
} as const;

export const grid = { stroke: 'var(--color-line)', strokeDasharray: '0', vertical: false } as const;
export const margin = { top: 12, right: 16, bottom: 4, left: 4 } as const;
export const cursor = { stroke: 'var(--color-line-strong)' } as const;

/** Colours of the traffic series; the legend, the chart and the tiles use the same. */
export const series = {
  served: 'var(--color-accent)',
  errors: 'var(--color-fault)',
  throttled: 'var(--color-medium)',
  blocked: 'var(--color-critical)',
} as const;
export type SeriesName = keyof typeof series;
export const seriesNames: Record<SeriesName, string> = {
  served: 'Served',
  errors: 'Server errors',
  throttled: 'Throttled',
  blocked: 'Blocked',
};
