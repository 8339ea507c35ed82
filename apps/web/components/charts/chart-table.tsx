'use client';

import { ChevronRight } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { bucketSum, type ChartData } from './chart-data';

interface ChartTableProps {
  label: string;
  data: ChartData;
  format: (value: number) => string;
  bucketText: (bucket: string) => string;
  /** With a column of sums. */
  additive: boolean;
}

/** The numbers of a chart, folded below it: the newest first. */
export function ChartTable({ label, data, format, bucketText, additive }: ChartTableProps) {
  const t = useTranslations('chart');
  const withSum = additive && data.series.length > 1;
  const cell = (value: number | null | undefined) => (value === null || value === undefined ? '–' : format(value));
  const rows = data.buckets.map((bucket, index) => ({ bucket, index })).toReversed();
  return (
    <details className="group mt-2 text-sm">
      <summary className="-ms-1 inline-flex h-6 cursor-pointer list-none items-center gap-1 rounded-sm px-1 text-xs text-muted select-none hover:text-ink [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden className="size-3.5 transition-transform duration-100 group-open:rotate-90" />
        {t('table')}
      </summary>
      <div
        // It scrolls, so the keyboard must reach it.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="region"
        aria-label={label}
        className="mt-2 max-h-80 overflow-auto rounded-md border border-line"
      >
        <table className="w-full text-xs tabular-nums">
          <thead className="sticky top-0 bg-sunken text-muted">
            <tr>
              <th scope="col" className="h-8 px-3 text-start font-medium whitespace-nowrap">
                {t('bucket')}
              </th>
              {data.series.map((series) => (
                <th key={series.id} scope="col" className="px-3 text-end font-medium whitespace-nowrap">
                  {series.label}
                </th>
              ))}
              {withSum && (
                <th scope="col" className="px-3 text-end font-medium whitespace-nowrap">
                  {t('sum')}
                </th>
              )}
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {rows.map(({ bucket, index }) => (
              <tr key={bucket}>
                <th scope="row" className="h-8 px-3 text-start font-normal whitespace-nowrap">
                  {bucketText(bucket)}
                </th>
                {data.series.map((series) => (
                  <td key={series.id} className="px-3 text-end whitespace-nowrap">
                    {cell(series.values[index])}
                  </td>
                ))}
                {withSum && (
                  <td className="px-3 text-end font-medium whitespace-nowrap">{cell(bucketSum(data, index))}</td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
