'use client';

import dynamic from 'next/dynamic';
import { ChartFrame, type SeriesChartProps } from './chart-frame';
import { ChartSkeleton } from './chart-skeleton';

const LinePlot = dynamic(() => import('./line-plot'), { ssr: false, loading: ChartSkeleton });

/** Values over time that do not add up: latencies, shares. */
export function LineSeries(props: SeriesChartProps) {
  return (
    <ChartFrame {...props} additive={false}>
      {(plot) => <LinePlot {...plot} />}
    </ChartFrame>
  );
}
