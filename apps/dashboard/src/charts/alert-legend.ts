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

/** Closer together than this share of the chart, two names would lie over each other. */
const CLOSE = 0.14;

/** Names of marks, each where there is room for it: one stands for those close behind it, with their number where they are alike. */
export function markNames(marks: readonly Mark[], spanMs: number): (Mark & { label: string })[] {
  const groups: Mark[][] = [];
  for (const mark of [...marks].sort((a, b) => a.ts - b.ts)) {
    const first = groups.at(-1)?.[0];
    if (first && mark.ts - first.ts < CLOSE * spanMs) groups.at(-1)?.push(mark);
    else groups.push([mark]);
  }
  const named = (group: readonly Mark[]) =>
    [...new Set(group.map(({ name }) => name))]
      .map((name) => ({ name, many: group.filter((mark) => mark.name === name).length }))
      .map(({ name, many }) => (many > 1 ? `${name} × ${many}` : name))
      .join(', ');
  return groups.flatMap((group) => group.map((mark, index) => ({ ...mark, label: index === 0 ? named(group) : '' })));
}

/** Of what is drawn: there is no line of others where the subject is compared with nobody, and no mark where nothing was decided. */
export function alertLegend(points: readonly AlertPoint[], marks: readonly Mark[]): LegendEntry[] {
  const others = points.some(({ population }) => population !== undefined);
  return [
    { name: 'Observed', colour: alertColours.observed },
    { name: 'Expected', colour: alertColours.expected, dashed: true },
    { name: 'Band', colour: 'color-mix(in oklab, var(--color-faint) 24%, transparent)', area: true },
    ...(others ? [{ name: 'Population', colour: alertColours.population, dashed: true }] : []),
    { name: 'Limit', colour: alertColours.limit },
    { name: 'No alert up to here', colour: alertColours.clear, dashed: true },
    ...(marks.length > 0 ? [{ name: 'Decision', colour: alertColours.mark, dashed: true }] : []),
  ];
}
