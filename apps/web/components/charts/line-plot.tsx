'use client';

import { Line, LineChart } from 'recharts';
import type { PlotProps } from './chart-frame';
import { colourOf, dashOf } from './chart-data';
import { PlotAxes, plotMargin, type PlotRow, plotRows } from './plot-axes';

/** Lines, with gaps where nothing is known. Loaded when a chart is first shown. */
export default function LinePlot(props: PlotProps) {
  const { label, all, shown, emphasised } = props;
  return (
    <LineChart
      responsive
      accessibilityLayer
      aria-label={label}
      data={plotRows(shown.buckets)}
      margin={plotMargin}
      className="h-full w-full"
    >
      <PlotAxes {...props} additive={false} />
      {shown.series.map(({ id, label: name, values }) => {
        const colour = colourOf(all.series, id);
        return (
          <Line
            key={id}
            name={name}
            dataKey={({ index }: PlotRow) => values[index] ?? null}
            type="linear"
            stroke={colour}
            strokeWidth={2}
            strokeDasharray={dashOf(all.series, id)}
            strokeOpacity={emphasised === undefined || emphasised === id ? 1 : 0.22}
            // A single value between two gaps is no line, but a dot.
            dot={isolatedDot(values, colour)}
            activeDot={{ r: 4, fill: colour, stroke: 'var(--surface)' }}
            isAnimationActive={false}
          />
        );
      })}
    </LineChart>
  );
}

function isolatedDot(values: readonly (number | null)[], colour: string) {
  return function Dot({ cx, cy, index }: { cx?: number; cy?: number; index?: number }) {
    const at = index ?? -1;
    const alone = values[at] != null && values[at - 1] == null && values[at + 1] == null;
    if (!alone || cx === undefined || cy === undefined) return <g key={at} />;
    return <circle key={at} cx={cx} cy={cy} r={3} fill={colour} />;
  };
}
