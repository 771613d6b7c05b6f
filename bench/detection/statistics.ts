/** The few statistics that the tables need. All intervals are 95 %. */

export type Interval = readonly [low: number, high: number];

/** Wilson's interval of a share of `many`. */
export function shareInterval(hits: number, many: number): Interval {
  if (many === 0) return [0, 1];
  const z = 1.96;
  const share = hits / many;
  const centre = share + (z * z) / (2 * many);
  const half = z * Math.sqrt((share * (1 - share)) / many + (z * z) / (4 * many * many));
  const scale = 1 + (z * z) / many;
  return [Math.max(0, (centre - half) / scale), Math.min(1, (centre + half) / scale)];
}

/** Student's t, 97.5 %, by degrees of freedom 1 to 30; beyond, the normal's. */
const STUDENT = [
  12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.2, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.1, 2.09, 2.09, 2.08,
  2.07, 2.07, 2.06, 2.06, 2.06, 2.05, 2.05, 2.05, 2.04,
];

export const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Student's interval of the mean over seeds. */
export function meanInterval(values: readonly number[]): Interval {
  const mean = meanOf(values);
  if (values.length < 2) return [mean, mean];
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  const half = (STUDENT[values.length - 2] ?? 1.96) * Math.sqrt(variance / values.length);
  return [mean - half, mean + half];
}

/** Interval of the median by its order statistics (binomial, normal approximation). */
export function medianInterval(values: readonly number[]): Interval {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return [Number.NaN, Number.NaN];
  const half = 0.98 * Math.sqrt(sorted.length);
  const at = (rank: number) => sorted[Math.min(sorted.length - 1, Math.max(0, rank))] as number;
  return [at(Math.floor(sorted.length / 2 - half)), at(Math.ceil(sorted.length / 2 + half))];
}
