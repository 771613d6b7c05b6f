/** The charts as pages use them: loaded apart, since the chart library is half of all code. */
import { lazy } from 'react';

const traffic = () => import('./traffic-chart.js');
const histogram = () => import('./histogram-chart.js');
const alert = () => import('./alert-chart.js');

export const TrafficChart = lazy(traffic);
export const HistogramChart = lazy(histogram);
export const AlertChart = lazy(alert);

export const preloadCharts: readonly (() => Promise<unknown>)[] = [traffic, alert, histogram];
