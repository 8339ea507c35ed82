import type { PrismaClient } from '@maas/database/client';
import type { RefusalCount, UsageRecord } from './usage-record.js';

/**
 * Writes rows and their sums in one statement. The sums are fed only by rows that were really inserted, so writing a batch
 * again changes nothing. Sums are locked in key order, so that two writers cannot wait for each other.
 */
export async function writeUsage(client: PrismaClient, rows: readonly UsageRecord[]): Promise<void> {
  const json = JSON.stringify(rows.map((row) => ({ ...row, createdAt: new Date(row.createdAt) })));
  await client.$executeRaw`
    WITH given AS (
      SELECT * FROM json_to_recordset(${json}::json) AS given(
        "id" uuid, "userId" uuid, "tokenJti" uuid, "tier" text, "modelId" text, "backendId" uuid, "endpoint" text,
        "status" int, "streamed" boolean, "promptTokens" int, "completionTokens" int, "countSource" count_source,
        "firstByteMs" int, "durationMs" int, "createdAt" timestamptz)
    ), inserted AS (
      INSERT INTO usage_event (
        id, user_id, token_jti, tier, model_id, backend_id, endpoint, status, streamed, prompt_tokens,
        completion_tokens, count_source, first_byte_ms, duration_ms, created_at)
      SELECT * FROM given ON CONFLICT (id) DO NOTHING RETURNING *
    )
    INSERT INTO usage_hourly AS sums (
      hour, user_id, token_jti, model_id, tier, requests, errors, refused, prompt_tokens, completion_tokens,
      duration_ms, first_byte_ms, first_byte_count)
    SELECT date_trunc('hour', created_at, 'UTC'), user_id, token_jti, model_id, tier,
      count(*), count(*) FILTER (WHERE status >= 400), 0, sum(prompt_tokens), sum(completion_tokens),
      sum(duration_ms), coalesce(sum(first_byte_ms), 0), count(first_byte_ms)
    FROM inserted GROUP BY 1, 2, 3, 4, 5 ORDER BY 2, 1, 4, 5, 3
    ON CONFLICT (user_id, hour, model_id, tier, token_jti) DO UPDATE SET
      requests = sums.requests + EXCLUDED.requests,
      errors = sums.errors + EXCLUDED.errors,
      prompt_tokens = sums.prompt_tokens + EXCLUDED.prompt_tokens,
      completion_tokens = sums.completion_tokens + EXCLUDED.completion_tokens,
      duration_ms = sums.duration_ms + EXCLUDED.duration_ms,
      first_byte_ms = sums.first_byte_ms + EXCLUDED.first_byte_ms,
      first_byte_count = sums.first_byte_count + EXCLUDED.first_byte_count`;
}

/** Adds refused requests to the sums. */
export async function writeRefusals(client: PrismaClient, refusals: readonly RefusalCount[]): Promise<void> {
  const json = JSON.stringify(refusals.map((refusal) => ({ ...refusal, createdAt: new Date(refusal.createdAt) })));
  await client.$executeRaw`
    INSERT INTO usage_hourly AS sums (hour, user_id, token_jti, model_id, tier, refused)
    SELECT "createdAt", "userId", "tokenJti", "modelId", "tier", "count"
    FROM json_to_recordset(${json}::json) AS given(
      "userId" uuid, "tokenJti" uuid, "tier" text, "modelId" text, "createdAt" timestamptz, "count" int)
    ORDER BY 2, 1, 4, 5, 3
    ON CONFLICT (user_id, hour, model_id, tier, token_jti) DO UPDATE SET refused = sums.refused + EXCLUDED.refused`;
}
