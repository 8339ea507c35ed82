/** @param share between 0 and 1; 1 is the largest */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** The least and the greatest, as one text. */
export const range = (values: readonly number[]) => `${Math.min(...values)} to ${Math.max(...values)}`;
