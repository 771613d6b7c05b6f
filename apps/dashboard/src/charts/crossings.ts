/** Splits what was observed at the limit, so that the area above it begins exactly where the line is crossed. */
import type { AlertPoint } from '@plimsoll/contracts';

export interface DrawnPoint extends AlertPoint {
  /** Observed up to the limit, and beyond it: stacked they are what was observed. */
  within: number;
  above: number;
  /** Not measured: put in where observed meets the limit between two points. */
  crossing: boolean;
}

const excess = (point: AlertPoint) => point.observed - point.limit;

const drawn = (point: AlertPoint, crossing: boolean): DrawnPoint => ({
  ...point,
  within: Math.min(point.observed, point.limit),
  above: Math.max(0, excess(point)),
  crossing,
});

/**
 * What is drawn. A single point stands at the end of its window, over which the lines that it is measured against are drawn: of one
 * point alone there would be no line.
 */
export function drawnOf(points: readonly AlertPoint[], windowMs: number): Partial<DrawnPoint>[] {
  const all = withCrossings(points);
  const [only] = all;
  if (!only || all.length > 1) return all;
  const { expected, limit, population } = only;
  const start = { ts: only.ts - Math.max(1_000, windowMs), expected, limit };
  return [population === undefined ? start : { ...start, population }, only];
}

export function withCrossings(points: readonly AlertPoint[]): DrawnPoint[] {
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    if (!before || excess(before) * excess(point) >= 0) return [drawn(point, false)];
    const share = excess(before) / (excess(before) - excess(point));
    const between = (a: number, b: number) => a + share * (b - a);
    const limit = between(before.limit, point.limit);
    const meeting: AlertPoint = {
      ts: between(before.ts, point.ts),
      observed: limit,
      expected: between(before.expected, point.expected),
      limit,
    };
    if (before.population !== undefined && point.population !== undefined)
      meeting.population = between(before.population, point.population);
    return [drawn(meeting, true), drawn(point, false)];
  });
}
