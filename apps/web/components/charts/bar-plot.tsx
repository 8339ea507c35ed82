'use client';

import { Bar, BarChart, BarStack } from 'recharts';
import type { PlotProps } from './chart-frame';
import { colourOf } from './chart-data';
import { PlotAxes, plotMargin, type PlotRow, plotRows } from './plot-axes';

/** Stacked bars. Loaded when a chart is first shown. */
export default function BarPlot(props: PlotProps) {
  const { label, all, shown, emphasised } = props;
  return (
    <BarChart
      responsive
      accessibilityLayer
      aria-label={label}
      data={plotRows(shown.buckets)}
      margin={plotMargin}
      barCategoryGap="22%"
      maxBarSize={44}
      className="h-full w-full [&_svg]:rounded-sm"
    >
      <PlotAxes {...props} additive />
      <BarStack radius={[3, 3, 0, 0]}>
        {shown.series.map(({ id, label: name, values }) => (
          <Bar
            key={id}
            name={name}
            dataKey={({ index }: PlotRow) => values[index] ?? 0}
            fill={colourOf(all.series, id)}
            // Neighbours of similar lightness are told apart by the gap between them.
            stroke="var(--surface)"
            strokeWidth={shown.series.length > 1 ? 1 : 0}
            fillOpacity={emphasised === undefined || emphasised === id ? 1 : 0.22}
            isAnimationActive={false}
          />
        ))}
      </BarStack>
    </BarChart>
  );
}
