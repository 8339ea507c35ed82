import type { UsageGroup, UsageRow } from '@maas/contracts/usage';

/** The columns that are summed, of hours, days and months alike. */
export const summedColumns = [
  'requests',
  'errors',
  'refused',
  'prompt_tokens',
  'completion_tokens',
  'duration_ms',
  'first_byte_ms',
  'first_byte_count',
] as const;

/** A row of sums as the database gives it. */
export type SumRow = Partial<Record<UsageGroup, string | Date>> & Record<(typeof summedColumns)[number], bigint>;

/** A row of sums as it is shown. Counts stay exact up to 2^53. */
export function shownSums(row: SumRow): UsageRow {
  const { hour, day, model, token, user, tier } = row;
  const promptTokens = Number(row.prompt_tokens);
  const completionTokens = Number(row.completion_tokens);
  return {
    ...(hour instanceof Date ? { hour: hour.toISOString() } : {}),
    ...(typeof day === 'string' ? { day } : {}),
    ...(typeof model === 'string' ? { model } : {}),
    ...(typeof token === 'string' ? { token } : {}),
    ...(typeof user === 'string' ? { user } : {}),
    ...(typeof tier === 'string' ? { tier } : {}),
    requests: Number(row.requests),
    errors: Number(row.errors),
    refused: Number(row.refused),
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
    averageDurationMs: average(row.duration_ms, row.requests),
    averageFirstByteMs: average(row.first_byte_ms, row.first_byte_count),
  };
}

function average(sum: bigint, count: bigint): number | null {
  return count === 0n ? null : Math.round((Number(sum) / Number(count)) * 10) / 10;
}
