import { describe, expect, it } from 'vitest';
import { alertLegend, markNames } from './alert-legend.js';

const point = { ts: 1, observed: 5, expected: 2, limit: 4 };
const names = (entries: readonly { name: string }[]) => entries.map(({ name }) => name);

describe('the legend', () => {
  it('names what is drawn and nothing else', () => {
    expect(names(alertLegend([point], []))).toEqual(['Observed', 'Expected', 'Band', 'Limit', 'No alert up to here']);
    const all = names(alertLegend([point, { ...point, population: 3 }], [{ ts: 1, name: 'blocked' }]));
    expect(all).toEqual(['Observed', 'Expected', 'Band', 'Population', 'Limit', 'No alert up to here', 'Decision']);
  });
});

describe('the names of marks', () => {
  const labels = (...marks: [ts: number, name: string][]) =>
    markNames(
      marks.map(([ts, name]) => ({ ts, name })),
      100,
    ).map(({ label }) => label);
  it('stand at each where there is room', () => {
    expect(labels([10, 'throttled'], [60, 'blocked'])).toEqual(['throttled', 'blocked']);
  });
  it('are told together where there is none, in order of their times', () => {
    expect(labels([12, 'blocked'], [10, 'throttled'])).toEqual(['throttled, blocked', '']);
    expect(labels([10, 'throttled'], [12, 'throttled'], [60, 'lifted'])).toEqual(['throttled × 2', '', 'lifted']);
    expect(labels()).toEqual([]);
  });
});
