'use client';

import { CartesianGrid, ReferenceLine, Tooltip, XAxis, YAxis } from 'recharts';
import { useFormatter } from 'use-intl';
import { useBucketText } from './bucket-text';
import type { PlotProps } from './chart-frame';
import { ChartTooltip } from './chart-tooltip';

/** One bucket, as Recharts takes it. */
export interface PlotRow {
  index: number;
  bucket: string;
}

const tick = { fill: 'var(--muted)', fontSize: 11 };

/** What bars and lines have in common: grid, axes, limit line and tooltip. */
export function PlotAxes(props: PlotProps & { additive: boolean }) {
  const { all, shown, granularity, format, formatTick, limit, additive } = props;
  const intl = useFormatter();
  const text = useBucketText(granularity);
  // Recharts chooses steps of two digits at most, so that a tick has three: 2.25M, which one place would round to 2.3M.
  const compact = (value: number) => intl.number(value, { notation: 'compact', maximumFractionDigits: 2 });
  return (
    <>
      <CartesianGrid vertical={false} stroke="var(--line)" />
      <XAxis
        dataKey="bucket"
        tickFormatter={text.short}
        tickLine={false}
        axisLine={{ stroke: 'var(--line-strong)' }}
        tick={tick}
        minTickGap={28}
        height={24}
      />
      <YAxis
        tickFormatter={formatTick ?? compact}
        tickLine={false}
        axisLine={false}
        tick={tick}
        width={44}
        tickCount={5}
        allowDecimals={!additive}
      />
      {limit && (
        <ReferenceLine
          y={limit.value}
          ifOverflow="discard"
          stroke="var(--danger)"
          strokeDasharray="5 4"
          label={{ value: limit.label, position: 'insideTopRight', fill: 'var(--danger)', fontSize: 11 }}
        />
      )}
      <Tooltip
        isAnimationActive={false}
        cursor={additive ? { fill: 'var(--ink)', fillOpacity: 0.06 } : { stroke: 'var(--line-strong)' }}
        content={({ active, payload }) => {
          const row = payload[0]?.payload as PlotRow | undefined;
          if (!active || row === undefined) return null;
          return (
            <ChartTooltip
              all={all}
              shown={shown}
              index={row.index}
              heading={text.long(row.bucket)}
              format={format}
              additive={additive}
            />
          );
        }}
      />
    </>
  );
}

/** The buckets of a chart as rows. Their values are read by index, so that no id can clash with a field. */
export function plotRows(buckets: readonly string[]): PlotRow[] {
  return buckets.map((bucket, index) => ({ index, bucket }));
}

export const plotMargin = { top: 8, right: 4, bottom: 0, left: 0 };
