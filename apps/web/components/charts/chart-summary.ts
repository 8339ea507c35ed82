import { useTranslations } from 'use-intl';
import { useBucketText } from './bucket-text';
import { bucketSum, type ChartData, type ChartLimit, type Granularity, isEmpty, peakOf, sumOf } from './chart-data';

interface SummaryOptions {
  additive: boolean;
  format: (value: number) => string;
  granularity: Granularity;
  limit: ChartLimit | undefined;
}

/** A chart in words: what it comes to, where it is highest, who has the largest part, and how far it is from a limit. */
export function useChartSummary(data: ChartData | undefined, options: SummaryOptions): string {
  const t = useTranslations('chart');
  const { additive, format, granularity, limit } = options;
  const { long } = useBucketText(granularity);
  const peak = data && peakOf(data, additive);
  if (!data || !peak || isEmpty(data)) return '';
  const parts = [t('peak', { value: format(peak.value), bucket: long(peak.bucket) })];
  if (limit) parts.push(t('limit', { label: limit.label, share: peak.value / limit.value }));
  if (additive) {
    const total = data.buckets.reduce((sum, _bucket, index) => sum + bucketSum(data, index), 0);
    parts.unshift(t('total', { value: format(total) }));
    const [largest] = data.series.toSorted((one, other) => sumOf(other) - sumOf(one));
    if (largest && data.series.length > 1 && total > 0) {
      parts.push(t('largest', { label: largest.label, share: sumOf(largest) / total }));
    }
  }
  return parts.join(' ');
}
