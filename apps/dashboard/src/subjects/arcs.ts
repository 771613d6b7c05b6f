/** Where the sequence graph puts things: endpoints on a line, in the order in which they are mostly come to; steps as arcs beside it. */
import type { SequenceStep } from '@plimsoll/contracts';

export const ROW_PX = 30;
const MOST_NODES = 14;

export interface Arc {
  step: SequenceStep;
  /** Rows of its ends. */
  from: number;
  to: number;
  /** 0..1, of the most frequent. */
  weight: number;
}

/** @returns endpoints from top to bottom: those that more leads away from than to stand first */
export function layOut(steps: readonly SequenceStep[]): { nodes: string[]; arcs: Arc[] } {
  const sums = new Map<string, { out: number; in: number }>();
  const at = (name: string) => {
    const known = sums.get(name) ?? { out: 0, in: 0 };
    sums.set(name, known);
    return known;
  };
  for (const { from, to, times } of steps) {
    at(from).out += times;
    at(to).in += times;
  }
  const busiest = [...sums].sort(([a, x], [b, y]) => y.in + y.out - (x.in + x.out) || (a < b ? -1 : 1)).slice(0, MOST_NODES);
  const nodes = busiest.sort(([a, x], [b, y]) => lead(y) - lead(x) || (a < b ? -1 : 1)).map(([name]) => name);
  const most = Math.max(1, ...steps.map(({ times }) => times));
  const arcs = steps.flatMap((step): Arc[] => {
    const [from, to] = [nodes.indexOf(step.from), nodes.indexOf(step.to)];
    return from < 0 || to < 0 ? [] : [{ step, from, to, weight: step.times / most }];
  });
  return { nodes, arcs };
}

/** -1 (only come to) to 1 (only left). */
const lead = ({ out, in: into }: { out: number; in: number }) => (out - into) / Math.max(1, out + into);

/** SVG path: forward at the right, back at the left of the line at `x`. */
export function pathOf({ from, to }: Pick<Arc, 'from' | 'to'>, x: number): string {
  const [y1, y2] = [from, to].map((row) => row * ROW_PX + ROW_PX / 2) as [number, number];
  const bend = (12 + 7 * Math.abs(to - from)) * (to > from ? 1 : -1);
  return `M${x} ${y1}C${x + bend} ${y1} ${x + bend} ${y2} ${x} ${y2}`;
}
