import type { Statements } from '../database/database.service.js';
import { INTERRUPTED_STATUS, type RefusalCount, type UsageRecord } from './usage-record.js';

/**
 * Writes rows and their sums in one statement. The sums are fed only by rows that were really inserted, so writing a batch
 * again changes nothing. Sums are locked in key order, so that two writers cannot wait for each other.
 *
 * Of two rows of one request the one that says more counts, whichever comes first: its final row, or else the later of what
 * was known when its process seemed to have ended. It may have stood still only, and have gone on.
 */
export async function writeUsage(database: Statements, rows: readonly UsageRecord[]): Promise<void> {
  const json = JSON.stringify(rows);
  const answer = await database.query(insertUsage, [json]);
  const [{ inserted } = { inserted: 0 }] = answer.rows as readonly { inserted: number }[];
  // Fewer only after an end of a process or of a connection.
  if (inserted < rows.length) await database.query(replaceInterrupted, [json]);
}

/** Adds refused requests to the sums. */
export async function writeRefusals(database: Statements, refusals: readonly RefusalCount[]): Promise<void> {
  await database.query(addRefusals, [JSON.stringify(refusals)]);
}

const given = `json_to_recordset($1::json) AS given(
        "id" uuid, "userId" uuid, "tokenJti" uuid, "tier" text, "modelId" text, "backendId" uuid, "endpoint" text,
        "status" int, "streamed" boolean, "promptTokens" int, "completionTokens" int, "countSource" count_source,
        "firstByteMs" int, "durationMs" int, "createdAt" bigint)`;

const addToSums = `
      INSERT INTO usage_hourly AS sums (
        hour, user_id, token_jti, model_id, tier, requests, errors, refused, prompt_tokens, completion_tokens,
        duration_ms, first_byte_ms, first_byte_count)`;

const orAddTo = `
      ON CONFLICT (user_id, hour, model_id, tier, token_jti) DO UPDATE SET
        requests = sums.requests + EXCLUDED.requests,
        errors = sums.errors + EXCLUDED.errors,
        prompt_tokens = sums.prompt_tokens + EXCLUDED.prompt_tokens,
        completion_tokens = sums.completion_tokens + EXCLUDED.completion_tokens,
        duration_ms = sums.duration_ms + EXCLUDED.duration_ms,
        first_byte_ms = sums.first_byte_ms + EXCLUDED.first_byte_ms,
        first_byte_count = sums.first_byte_count + EXCLUDED.first_byte_count`;

const insertUsage = `
    WITH inserted AS (
      INSERT INTO usage_event (
        id, user_id, token_jti, tier, model_id, backend_id, endpoint, status, streamed, prompt_tokens,
        completion_tokens, count_source, first_byte_ms, duration_ms, created_at)
      SELECT id, "userId", "tokenJti", tier, "modelId", "backendId", endpoint, status, streamed, "promptTokens",
        "completionTokens", "countSource", "firstByteMs", "durationMs", to_timestamp("createdAt" / 1000.0)
      FROM ${given} ON CONFLICT (id, created_at) DO NOTHING RETURNING *
    ), summed AS (
      ${addToSums}
      SELECT date_trunc('hour', created_at, 'UTC'), user_id, token_jti, model_id, tier,
        count(*), count(*) FILTER (WHERE status >= 400), 0, sum(prompt_tokens), sum(completion_tokens),
        sum(duration_ms), coalesce(sum(first_byte_ms), 0), count(first_byte_ms)
      FROM inserted GROUP BY 1, 2, 3, 4, 5 ORDER BY 2, 1, 4, 5, 3
      ${orAddTo}
    )
    SELECT count(*)::int AS inserted FROM inserted`;

/** The rows that are there are locked before they are compared, so that the sums get exactly the difference. */
const replaceInterrupted = `
    WITH latest AS (
      SELECT DISTINCT ON (id) * FROM ${given} ORDER BY id, status = ${INTERRUPTED_STATUS}, "durationMs" DESC
    ), newer AS (
      SELECT latest.*, event.created_at, event.prompt_tokens, event.completion_tokens, event.duration_ms,
        event.first_byte_ms
      FROM latest JOIN usage_event AS event
        ON event.id = latest.id AND event.created_at = to_timestamp(latest."createdAt" / 1000.0)::timestamptz(3)
      WHERE event.status = ${INTERRUPTED_STATUS}
        AND (latest.status <> ${INTERRUPTED_STATUS} OR latest."durationMs" > event.duration_ms)
      ORDER BY event.id FOR UPDATE OF event
    ), replaced AS (
      UPDATE usage_event AS event SET
        backend_id = newer."backendId", status = newer.status, prompt_tokens = newer."promptTokens",
        completion_tokens = newer."completionTokens", count_source = newer."countSource",
        first_byte_ms = newer."firstByteMs", duration_ms = newer."durationMs"
      FROM newer WHERE event.id = newer.id AND event.created_at = newer.created_at
      RETURNING newer.*
    )
    ${addToSums}
    SELECT date_trunc('hour', created_at, 'UTC'), "userId", "tokenJti", "modelId", tier,
      0, -count(*) FILTER (WHERE status < 400), 0, sum("promptTokens" - prompt_tokens),
      sum("completionTokens" - completion_tokens), sum("durationMs" - duration_ms),
      coalesce(sum("firstByteMs"), 0) - coalesce(sum(first_byte_ms), 0), count("firstByteMs") - count(first_byte_ms)
    FROM replaced GROUP BY 1, 2, 3, 4, 5 ORDER BY 2, 1, 4, 5, 3
    ${orAddTo}`;

const addRefusals = `
    INSERT INTO usage_hourly AS sums (hour, user_id, token_jti, model_id, tier, refused)
    SELECT to_timestamp("createdAt" / 1000.0), "userId", "tokenJti", "modelId", "tier", "count"
    FROM json_to_recordset($1::json) AS given(
      "userId" uuid, "tokenJti" uuid, "tier" text, "modelId" text, "createdAt" bigint, "count" int)
    ORDER BY 2, 1, 4, 5, 3
    ON CONFLICT (user_id, hour, model_id, tier, token_jti) DO UPDATE SET refused = sums.refused + EXCLUDED.refused`;
