/** The charts as pages use them: loaded apart, since the chart library is half of all code. */
import { partOnDemand } from '../ui/on-demand.js';
import { Skeleton } from '../ui/states.js';

export const ChartWaiting = () => (
  <div role="status" aria-label="Loading" className="flex h-full items-end gap-2 p-4">
    <Skeleton className="h-full w-full" />
  </div>
);

export const TrafficChart = partOnDemand(() => import('./traffic-chart.js').then((module) => module.default), <ChartWaiting />);
export const HistogramChart = partOnDemand(
  () => import('./histogram-chart.js').then((module) => module.default),
  <ChartWaiting />,
);
export const AlertChart = partOnDemand(() => import('./alert-chart.js').then((module) => module.default), <ChartWaiting />);
