import { MARKED } from './mark.mjs';

const ROWS_AT_ONCE = 4000;
const CHANGE_LOCK = 0x6d616173;

/** Inserts rows of plain values, many at a time. @param columns `{ column: its SQL type }` */
async function insert(client, table, columns, rows) {
  const names = Object.keys(columns).join(', ');
  const given = Object.entries(columns).map(([name, type]) => `${name} ${type}`).join(', '); // prettier-ignore
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    const json = JSON.stringify(rows.slice(at, at + ROWS_AT_ONCE));
    await client.query(`INSERT INTO ${table} (${names}) SELECT ${names} FROM json_to_recordset($1::json) AS given(${given})`, [json]); // prettier-ignore
  }
}

const instant = (time) => (time === undefined || time === null ? null : new Date(time).toISOString());

export async function writePeople(client, people) {
  const columns = {
    id: 'uuid', provider: 'identity_provider', subject: 'text', username: 'text', email: 'text', role: 'role', groups: 'text[]',
    tier_override: 'text', tier_override_expires_at: 'timestamptz', suspended_at: 'timestamptz', created_at: 'timestamptz', last_seen_at: 'timestamptz',
  }; // prettier-ignore
  const rows = people.map((person) => ({
    ...person,
    role: 'user',
    tier_override: person.tierOverride ?? null,
    tier_override_expires_at: instant(person.tierOverrideExpiresAt),
    suspended_at: instant(person.suspendedAt),
    created_at: instant(person.createdAt),
    last_seen_at: instant(person.lastSeenAt ?? person.createdAt),
  }));
  await insert(client, 'app_user', columns, rows);
}

export async function writeTokens(client, tokens, revoker) {
  const columns = {
    jti: 'uuid', user_id: 'uuid', name: 'text', description: 'text',
    issued_at: 'timestamptz', expires_at: 'timestamptz', last_used_at: 'timestamptz',
  }; // prettier-ignore
  const rows = tokens.map((token) => ({
    ...token,
    user_id: token.userId,
    issued_at: instant(token.issuedAt),
    expires_at: instant(token.expiresAt),
    last_used_at: instant(token.lastUsedAt),
    revoked_at: instant(token.revokedAt),
    revoked_by: revoker,
  }));
  await insert(client, 'issued_token', columns, rows);
  const revocation = { jti: 'uuid', expires_at: 'timestamptz', revoked_at: 'timestamptz', revoked_by: 'text' };
  await insert(client, 'revocation', revocation, rows.filter((row) => row.revoked_at !== null)); // prettier-ignore
}

export async function writeModels(client, models) {
  const fields = {
    id: 'text', name: 'text', description: 'text', owned_by: 'text', context_window: 'int', max_output_tokens: 'int',
    capabilities: 'text[]', enabled: 'boolean', created_at: 'timestamptz', updated_at: 'timestamptz',
  }; // prettier-ignore
  const rows = models.map((model) => ({
    ...model,
    owned_by: 'maas',
    context_window: model.contextWindow,
    max_output_tokens: Math.min(8192, model.contextWindow),
    created_at: instant(model.createdAt),
    updated_at: instant(model.createdAt),
  }));
  await insert(client, 'model', fields, rows);
  const open = models.flatMap(({ id, tiers }) => tiers.map((tier) => ({ model_id: id, tier_name: tier })));
  await insert(client, 'model_tier', { model_id: 'text', tier_name: 'text' }, open);
  const columns = {
    id: 'uuid', model_id: 'text', url: 'text', upstream_model: 'text', weight: 'int', enabled: 'boolean', bundled: 'boolean',
    created_at: 'timestamptz', updated_at: 'timestamptz',
  }; // prettier-ignore
  const backends = models.flatMap(({ id: modelId, enabled, backends: of }) =>
    of.map(({ id, url, weight, createdAt }) => {
      const at = instant(createdAt);
      // Bundled: the platform points it at its simulator, wherever that listens after the next start.
      return {
        id,
        model_id: modelId,
        url,
        upstream_model: null,
        weight,
        enabled,
        bundled: true,
        created_at: at,
        updated_at: at,
      };
    }),
  );
  await insert(client, 'backend', columns, backends);
}

/** The rows, and their sums by the hour made from the rows themselves. */
export async function writeUsage(client, { events, refusals }) {
  const columns = {
    id: 'uuid', user_id: 'uuid', token_jti: 'uuid', tier: 'text', model_id: 'text', backend_id: 'uuid', endpoint: 'text',
    status: 'int', streamed: 'boolean', prompt_tokens: 'int', completion_tokens: 'int', count_source: 'count_source',
    first_byte_ms: 'int', duration_ms: 'int', created_at: 'timestamptz',
  }; // prettier-ignore
  await insert(client, 'usage_event', columns, events);
  await client.query(
    `INSERT INTO usage_hourly (hour, user_id, token_jti, model_id, tier, requests, errors, refused, prompt_tokens,
       completion_tokens, duration_ms, first_byte_ms, first_byte_count)
     SELECT date_trunc('hour', created_at, 'UTC'), user_id, token_jti, model_id, tier, count(*),
       count(*) FILTER (WHERE status >= 400), 0, sum(prompt_tokens), sum(completion_tokens), sum(duration_ms),
       coalesce(sum(first_byte_ms), 0), count(first_byte_ms)
     FROM usage_event WHERE id::text LIKE $1 GROUP BY 1, 2, 3, 4, 5`,
    [MARKED],
  );
  const rows = JSON.stringify(refusals.map((refusal) => ({ ...refusal, hour: instant(refusal.hour) })));
  await client.query(
    `INSERT INTO usage_hourly AS sums (hour, user_id, token_jti, model_id, tier, refused)
     SELECT hour, "userId", jti, "modelId", tier, sum(refused) FROM json_to_recordset($1::json)
       AS given(hour timestamptz, "userId" uuid, jti uuid, tier text, "modelId" text, refused int) GROUP BY 1, 2, 3, 4, 5
     ON CONFLICT (user_id, hour, model_id, tier, token_jti) DO UPDATE SET refused = sums.refused + EXCLUDED.refused`,
    [rows],
  );
}

export async function writeStory(client, { transitions, audit }) {
  const transition = {
    id: 'uuid', model_id: 'text', backend_id: 'uuid', ready: 'boolean', reason: 'text', at: 'timestamptz', process: 'text',
  }; // prettier-ignore
  const seen = transitions.map((row) => ({
    ...row,
    model_id: row.modelId,
    backend_id: row.backendId,
    at: instant(row.at),
    process: 'maas-0:1',
  }));
  await insert(client, 'backend_transition', transition, seen);
  const columns = {
    id: 'uuid', at: 'timestamptz', actor_id: 'uuid', actor_name: 'text', action: 'text', target_type: 'text',
    target_id: 'text', before: 'jsonb', after: 'jsonb', address: 'text', request_id: 'text',
  }; // prettier-ignore
  const entries = audit.map(({ actor, targetType, targetId, ...entry }, index) => ({
    ...entry,
    at: instant(entry.at),
    actor_id: actor.id,
    actor_name: actor.username,
    target_type: targetType,
    target_id: targetId,
    // Addresses for documentation (RFC 5737).
    address: `192.0.2.${1 + (index % 200)}`,
    request_id: entry.id,
  }));
  await insert(client, 'audit_entry', columns, entries);
}

/** Takes away all that was made, and nothing else. @returns how many rows of each table */
export async function removeDemo(client) {
  const removed = {};
  const remove = async (table, where) => {
    const { rowCount } = await client.query(`DELETE FROM ${table} WHERE ${where}`, [MARKED]);
    removed[table] = rowCount;
  };
  await remove('usage_event', 'id::text LIKE $1');
  // Nobody has the secret of such a token, so nothing but this has used it.
  await remove('usage_hourly', 'token_jti::text LIKE $1');
  // The days and months of those hours are no longer summed; what is left of their sums counts nowhere.
  for (const table of ['usage_daily', 'usage_daily_total'])
    await client.query(`DELETE FROM ${table} WHERE day NOT IN (SELECT day FROM usage_summed_day)`);
  await client.query('DELETE FROM usage_monthly WHERE month NOT IN (SELECT month FROM usage_summed_month)');
  await remove('backend_transition', 'id::text LIKE $1');
  await remove('model', 'id IN (SELECT model_id FROM backend WHERE id::text LIKE $1)');
  await remove('issued_token', 'jti::text LIKE $1');
  await remove('app_user', 'id::text LIKE $1');
  await client.query('ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_append_only');
  await remove('audit_entry', 'id::text LIKE $1');
  await client.query('ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_append_only');
  return removed;
}

/** Runs the work as one change that every running process reads at once. */
export async function inOneChange(client, work) {
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock($1)', [CHANGE_LOCK]);
    const result = await work();
    await client.query(`INSERT INTO config_change (topic) VALUES ('users'), ('tiers'), ('models'), ('revocations')`);
    await client.query(`SELECT pg_notify('maas_change', '')`);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}
