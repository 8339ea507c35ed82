'use client';

import dynamic from 'next/dynamic';
import { ChartFrame, type SeriesChartProps } from './chart-frame';
import { ChartSkeleton } from './chart-skeleton';

const BarPlot = dynamic(() => import('./bar-plot'), { ssr: false, loading: ChartSkeleton });

/** Amounts over time, stacked: tokens, requests. `data` of one series is a plain bar chart. */
export function BarSeries(props: SeriesChartProps) {
  return (
    <ChartFrame {...props} additive>
      {(plot) => <BarPlot {...plot} />}
    </ChartFrame>
  );
}
