// @ts-check
import pg from 'pg';
import { openDatabase } from '../../scripts/demo-data/open-database.mjs';

/** What a gateway of a large company holds in memory. */
export const crowd = { people: 10_000, models: 1000, revocations: 100_000 };

/**
 * Fills the database of a gateway that is not running with so many people, models and revoked tokens that are valid still.
 * Each model is open to all tiers that there are, and has a backend.
 * @param {string} dataDir
 * @param {string} backendUrl
 */
export async function addCrowd(dataDir, backendUrl) {
  const { url, close } = await openDatabase({ MAAS_DATA_DIR: dataDir });
  const database = new pg.Client({ connectionString: url });
  try {
    await database.connect();
    for (const [statement, ...values] of statements(backendUrl)) await database.query(statement, values);
  } finally {
    await database.end();
    await close();
  }
}

/**
 * @param {string} backendUrl
 * @returns {[statement: string, ...values: (string | number)[]][]}
 */
function statements(backendUrl) {
  const { people, models, revocations } = crowd;
  return [
    [
      `INSERT INTO app_user (id, provider, subject, username, groups, created_at, last_seen_at)
       SELECT gen_random_uuid(), 'oidc', 'crowd-' || n, 'crowd-' || n, ARRAY['team-' || n % 200], now(), now()
       FROM generate_series(1, $1::int) AS n`,
      people,
    ],
    [
      `INSERT INTO model (id, name, owned_by, capabilities, created_at, updated_at)
       SELECT 'crowd-' || n, 'Crowd ' || n, 'bench', '{}', now(), now() FROM generate_series(1, $1::int) AS n`,
      models,
    ],
    [`INSERT INTO model_tier SELECT model.id, tier.name FROM model, tier WHERE model.id LIKE 'crowd-%'`],
    [
      `INSERT INTO backend (id, model_id, url, created_at, updated_at)
       SELECT gen_random_uuid(), id, $1, now(), now() FROM model WHERE id LIKE 'crowd-%'`,
      backendUrl,
    ],
    [
      `WITH owner AS (SELECT array_agg(id) AS ids FROM app_user WHERE username LIKE 'crowd-%'),
       issued AS (
         INSERT INTO issued_token (jti, user_id, issued_at, expires_at)
         SELECT gen_random_uuid(), ids[1 + n % cardinality(ids)], now(), now() + interval '1 day'
         FROM owner, generate_series(1, $1::int) AS n RETURNING jti, expires_at)
       INSERT INTO revocation (jti, expires_at, revoked_at, revoked_by)
       SELECT jti, expires_at, now(), 'crowd' FROM issued`,
      revocations,
    ],
  ];
}
