import type { Granularity } from '../components/charts/chart-data';
import { useNow } from './now';
import { type ResolvedRange, resolveRange, type UsageRange } from './usage-range';

/** What a page of usage is asked to show, as its URL has it. */
export interface RangeChoice {
  range: UsageRange;
  /** First and last day of a custom range, in UTC. */
  from: string | null;
  to: string | null;
  /** In which steps; null: in those that go with the range. */
  by: Granularity | null;
}

/** A range of usage at this moment, with the steps that it is shown in. */
export interface ChosenRange extends ResolvedRange {
  shown: Granularity;
}

/** What a choice means at this moment. It changes by the hour. */
export function useChosenRange({ range, from, to, by }: RangeChoice): ChosenRange {
  const resolved = resolveRange({ range, first: from, last: to }, useNow());
  return { ...resolved, shown: resolved.byHour ? (by ?? resolved.granularity) : 'day' };
}
