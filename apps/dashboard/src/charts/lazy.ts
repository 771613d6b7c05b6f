/** The charts as pages use them: loaded apart, since the chart library is half of all code. */
import { lazy } from 'react';

export const TrafficChart = lazy(() => import('./traffic-chart.js'));
export const AlertChart = lazy(() => import('./alert-chart.js'));
