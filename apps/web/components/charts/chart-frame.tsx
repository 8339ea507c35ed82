'use client';

import { ChartNoAxesColumn } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { classNames } from '@/lib/class-names';
import { useBucketText } from './bucket-text';
import { type ChartData, type ChartLimit, type Granularity, isEmpty } from './chart-data';
import { ChartLegend } from './chart-legend';
import { ChartSkeleton } from './chart-skeleton';
import { ChartTable } from './chart-table';
import { useChartSummary } from './chart-summary';

/** What every chart over time takes. */
export interface SeriesChartProps {
  /** What is drawn, as its name: `Tokens by model`. */
  label: string;
  /** undefined while it is loading. */
  data: ChartData | undefined;
  granularity: Granularity;
  /** Writes a value with its unit, all digits: in the tooltip, the table and the summary. */
  format: (value: number) => string;
  /** Writes a value on the axis; absent: as a compact number. */
  formatTick?: (value: number) => string;
  limit?: ChartLimit | undefined;
  /** Why there is nothing, in place of a chart of nothing; absent: a general sentence. */
  empty?: ReactNode;
  /** The table is elsewhere on the page. */
  withoutTable?: boolean;
  /** For its height: `h-64` unless told. */
  className?: string;
}

/** What a plot draws: the series that are not hidden, with all of them for their colours. */
export interface PlotProps extends Pick<SeriesChartProps, 'label' | 'format' | 'formatTick' | 'limit' | 'granularity'> {
  all: ChartData;
  shown: ChartData;
  /** The series that the legend points at; the others step back. */
  emphasised: string | undefined;
}

interface ChartFrameProps extends SeriesChartProps {
  /** Whether the series add up to something: the summary then says to what. */
  additive: boolean;
  children: (plot: PlotProps) => ReactNode;
}

/**
 * What is around a plot: a legend that hides and shows series, a summary in words, and the same numbers as a table (an
 * accessible alternative). Its height is the same while it loads, empty and full.
 */
export function ChartFrame({ additive, children, ...props }: ChartFrameProps) {
  const { label, data, format, granularity, limit, withoutTable = false, className = 'h-64' } = props;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [emphasised, setEmphasised] = useState<string>();
  const summary = useChartSummary(data, { additive, format, granularity, limit });
  const bucket = useBucketText(granularity);
  const shown = data && { ...data, series: data.series.filter(({ id }) => !hidden.has(id)) };
  return (
    <figure aria-label={label} className="min-w-0">
      <div className={classNames('relative', className)}>
        {!data || !shown ? (
          <ChartSkeleton />
        ) : isEmpty(data) ? (
          <Empty>{props.empty}</Empty>
        ) : (
          children({ ...props, all: data, shown, emphasised })
        )}
      </div>
      <div className="min-h-8 pt-2">
        {data && data.series.length > 1 && (
          <ChartLegend
            lines={!additive}
            series={data.series}
            hidden={hidden}
            onHide={setHidden}
            onEmphasise={setEmphasised}
          />
        )}
      </div>
      <figcaption className="mt-1 min-h-5 text-sm wrap-anywhere text-muted">{summary}</figcaption>
      {!withoutTable && !data && <div className="h-8" />}
      {!withoutTable && data && !isEmpty(data) && (
        <ChartTable label={label} data={data} format={format} bucketText={bucket.long} additive={additive} />
      )}
    </figure>
  );
}

function Empty({ children }: { children: ReactNode }) {
  const t = useTranslations('chart');
  return (
    <div className="grid h-full place-items-center rounded-md border border-dashed border-line-strong">
      <div className="flex flex-col items-center gap-2 px-6 text-center text-sm text-muted">
        <ChartNoAxesColumn aria-hidden className="size-5 text-faint" />
        {children ?? t('empty')}
      </div>
    </div>
  );
}
