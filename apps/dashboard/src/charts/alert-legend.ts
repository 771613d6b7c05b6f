/** What the lines of an alert's chart are called, beside the chart and in words. Apart from it, since the chart's library loads late. */
import type { AlertPoint } from '@plimsoll/contracts';
import type { LegendEntry } from './legend.js';

/** A decision, drawn as a mark at its time. */
export interface Mark {
  ts: number;
  name: string;
}

export const alertColours = {
  observed: 'var(--color-accent)',
  expected: 'var(--color-faint)',
  population: 'var(--color-fault)',
  limit: 'var(--color-critical)',
  clear: 'var(--color-good)',
  mark: 'var(--color-ink)',
} as const;

/** Of what is drawn: there is no line of others where the subject is compared with nobody, and no mark where nothing was decided. */
export function alertLegend(points: readonly AlertPoint[], marks: readonly Mark[]): LegendEntry[] {
  const others = points.some(({ population }) => population !== undefined);
  return [
    { name: 'Observed', colour: alertColours.observed },
    { name: 'Expected', colour: alertColours.expected, dashed: true },
    { name: 'Expected to limit', colour: 'color-mix(in oklab, var(--color-faint) 24%, transparent)', area: true },
    ...(others ? [{ name: 'Population', colour: alertColours.population, dashed: true }] : []),
    { name: 'Limit', colour: alertColours.limit },
    { name: 'No alert up to here', colour: alertColours.clear, dashed: true },
    ...(marks.length > 0 ? [{ name: 'Decision', colour: alertColours.mark, dashed: true }] : []),
  ];
}
