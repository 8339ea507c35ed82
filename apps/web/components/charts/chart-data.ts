/** A row of values, one for each bucket of time and in their order; null where nothing is known (an average of nothing). */
export interface ChartSeries {
  id: string;
  label: string;
  values: readonly (number | null)[];
  /** Which of the eight colours of charts; absent: by its place among the series. */
  colour?: ChartColour;
}

export type ChartColour = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

export type Granularity = 'hour' | 'day';

/** What a chart draws. */
export interface ChartData {
  /** When each bucket begins, the oldest first: RFC 3339 or a date, UTC. */
  buckets: readonly string[];
  /** At most eight: fold what is left into one with the id `OTHER`. */
  series: readonly ChartSeries[];
}

/** A line across the chart, drawn where it is not far above what is there. */
export interface ChartLimit {
  value: number;
  label: string;
}

/** The id of the series that stands for all that have none of their own. */
export const OTHER = 'other';

const COLOURS = 8;

/** The colour of a series, as a value of CSS that follows the theme. */
export function colourOf(series: readonly ChartSeries[], id: string): string {
  const place = series.findIndex((one) => one.id === id);
  const colour = series[place]?.colour ?? (id === OTHER ? COLOURS : (Math.max(place, 0) % COLOURS) + 1);
  return `var(--chart-${colour})`;
}

/** Lines are told apart by their dashes too, not by colour alone. */
const DASHES = ['', '6 4', '2 3', '10 4 2 4'];

/** The dashes of a series that is a line, as `stroke-dasharray` of SVG. */
export function dashOf(series: readonly ChartSeries[], id: string): string {
  const place = Math.max(
    series.findIndex((one) => one.id === id),
    0,
  );
  return DASHES[place % DASHES.length] ?? '';
}

/** All values of a series, summed. */
export function sumOf({ values }: Pick<ChartSeries, 'values'>): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

/** What all series come to in a bucket. */
export function bucketSum(data: ChartData, index: number): number {
  return data.series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0);
}

/** Whether there is nothing to draw. */
export function isEmpty({ series }: ChartData): boolean {
  return series.every(({ values }) => values.every((value) => value === null || value === 0));
}

/** The bucket with the largest value: of the sum of all series where they add up, otherwise of any series. */
export function peakOf(data: ChartData, additive: boolean): { bucket: string; value: number } | undefined {
  let peak: { bucket: string; value: number } | undefined;
  for (const [index, bucket] of data.buckets.entries()) {
    const values = data.series.flatMap((series) => series.values[index] ?? []);
    if (values.length === 0) continue;
    const value = additive ? bucketSum(data, index) : Math.max(...values);
    if (peak === undefined || value > peak.value) peak = { bucket, value };
  }
  return peak;
}
