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

export function withCrossings(points: readonly AlertPoint[]): DrawnPoint[] {
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    if (!before || excess(before) * excess(point) >= 0) return [drawn(point, false)];
    const share = excess(before) / (excess(before) - excess(point));
    const between = (a: number, b: number) => a + share * (b - a);
    const limit = between(before.limit, point.limit);
    const meeting = {
      ts: between(before.ts, point.ts),
      observed: limit,
      expected: between(before.expected, point.expected),
      limit,
    };
    return [drawn(meeting, true), drawn(point, false)];
  });
}
