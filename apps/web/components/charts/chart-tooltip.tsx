'use client';

import { useTranslations } from 'use-intl';
import { bucketSum, type ChartData, colourOf, dashOf } from './chart-data';
import { Swatch } from './chart-legend';

interface ChartTooltipProps {
  all: ChartData;
  shown: ChartData;
  index: number;
  heading: string;
  format: (value: number) => string;
  /** With the sum of what is shown. */
  additive: boolean;
}

/** The numbers of the bucket under the pointer, or that the arrow keys have come to. Those of zero are left out. */
export function ChartTooltip({ all, shown, index, heading, format, additive }: ChartTooltipProps) {
  const t = useTranslations('chart');
  // From top to bottom, as they are stacked.
  const rows = shown.series.filter(({ values }) => (values[index] ?? 0) !== 0).toReversed();
  return (
    <div
      role="status"
      className="max-w-72 min-w-40 rounded-md bg-raised px-3 py-2 text-xs text-ink shadow-popup tabular-nums"
    >
      <p className="mb-1 font-medium">{heading}</p>
      {rows.length === 0 && <p className="text-muted">{t('nothing')}</p>}
      <ul className="flex flex-col gap-0.5">
        {rows.map(({ id, label, values }) => (
          <li key={id} className="flex items-center gap-2">
            <Swatch colour={colourOf(all.series, id)} dashes={additive ? undefined : dashOf(all.series, id)} />
            <span className="min-w-0 flex-1 truncate text-muted">{label}</span>
            <span>{format(values[index] ?? 0)}</span>
          </li>
        ))}
      </ul>
      {additive && rows.length > 1 && (
        <p className="mt-1 flex justify-between gap-4 border-t border-line pt-1 font-medium">
          <span>{t('sum')}</span>
          <span>{format(bucketSum(shown, index))}</span>
        </p>
      )}
    </div>
  );
}
