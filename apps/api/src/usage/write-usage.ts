import type { Statements } from '../database/database.service.js';
import type { RefusalCount, UsageRecord } from './usage-record.js';

/**
 * Writes rows and their sums in one statement. The sums are fed only by rows that were really inserted, so writing a batch
 * again changes nothing. Sums are locked in key order, so that two writers cannot wait for each other.
 */
export async function writeUsage(database: Statements, rows: readonly UsageRecord[]): Promise<void> {
  await database.query(insertUsage, [JSON.stringify(rows)]);
}

/** Adds refused requests to the sums. */
export async function writeRefusals(database: Statements, refusals: readonly RefusalCount[]): Promise<void> {
  await database.query(addRefusals, [JSON.stringify(refusals)]);
}

const insertUsage = `
    WITH given AS (
      SELECT * FROM json_to_recordset($1::json) AS given(
        "id" uuid, "userId" uuid, "tokenJti" uuid, "tier" text, "modelId" text, "backendId" uuid, "endpoint" text,
        "status" int, "streamed" boolean, "promptTokens" int, "completionTokens" int, "countSource" count_source,
        "firstByteMs" int, "durationMs" int, "createdAt" bigint)
    ), inserted AS (
      INSERT INTO usage_event (
        id, user_id, token_jti, tier, model_id, backend_id, endpoint, status, streamed, prompt_tokens,
        completion_tokens, count_source, first_byte_ms, duration_ms, created_at)
      SELECT id, "userId", "tokenJti", tier, "modelId", "backendId", endpoint, status, streamed, "promptTokens",
        "completionTokens", "countSource", "firstByteMs", "durationMs", to_timestamp("createdAt" / 1000.0)
      FROM given ON CONFLICT (id, created_at) DO NOTHING RETURNING *
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

const addRefusals = `
    INSERT INTO usage_hourly AS sums (hour, user_id, token_jti, model_id, tier, refused)
    SELECT to_timestamp("createdAt" / 1000.0), "userId", "tokenJti", "modelId", "tier", "count"
    FROM json_to_recordset($1::json) AS given(
      "userId" uuid, "tokenJti" uuid, "tier" text, "modelId" text, "createdAt" bigint, "count" int)
    ORDER BY 2, 1, 4, 5, 3
    ON CONFLICT (user_id, hour, model_id, tier, token_jti) DO UPDATE SET refused = sums.refused + EXCLUDED.refused`;
