import pg from 'pg';
import { monthsBetween, type UsageMonth } from '../../apps/api/src/usage/usage-months.js';

/** How much of a past a database has. */
export interface History {
  readonly rows: number;
  readonly people: number;
  readonly models: number;
  readonly days: number;
}

const DAY = 86_400_000;

/**
 * Fills the database of a platform that has had no requests yet with those of the last days, as if they had been made: people
 * work for eight hours a day, each with one of two models, and the sums by the hour are those of the rows.
 * @returns the id of one of the people
 */
export async function writeHistory(databaseUrl: string, { rows, people, models, days }: History): Promise<string> {
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  try {
    // What is lost in a crash is loaded again.
    await database.query(`SET synchronous_commit = off; SET work_mem = '256MB'`);
    await database.query(
      `CREATE TEMP TABLE person AS SELECT n, gen_random_uuid() AS id, gen_random_uuid() AS jti, (n * 7) % 24 AS morning,
         (ARRAY['free', 'premium', 'enterprise'])[1 + n % 3] AS tier,
         ARRAY['model-' || n % $2::int, 'model-' || (n * 3) % $2::int] AS models
       FROM generate_series(0, $1::int - 1) AS n`,
      [people, models],
    );
    await database.query('CREATE INDEX ON person (n); ANALYZE person');
    await database.query(
      `INSERT INTO app_user (id, provider, subject, username, groups, created_at, last_seen_at)
       SELECT id, 'oidc', 'person-' || n, 'person-' || n, '{}', now() - interval '2 years', now() FROM person`,
    );
    const last = Math.floor(Date.now() / DAY) * DAY;
    const first = last - days * DAY;
    for (const month of monthsBetween(new Date(first), new Date(last - 1))) {
      const [from, to] = [Math.max(first, month.from.getTime()), Math.min(last, month.to.getTime())];
      await addMonth(database, month, [
        Math.round((rows * (to - from)) / (last - first)),
        people,
        new Date(from),
        new Date(to),
      ]);
    }
    await database.query(addSums);
    await database.query('ANALYZE');
    const { rows: found } = await database.query<{ id: string }>('SELECT id FROM person WHERE n = 0');
    return found[0]?.id ?? '';
  } finally {
    await database.end();
  }
}

/** The table of a month gets its rows before its indexes, which are then made in one go. */
async function addMonth(
  database: pg.Client,
  { table, from, to }: UsageMonth,
  values: readonly [rows: number, people: number, from: Date, to: Date],
): Promise<void> {
  // A start has made that of this month.
  await database.query(`DROP TABLE IF EXISTS "${table}"`);
  await database.query(`CREATE TABLE "${table}" (LIKE usage_event INCLUDING DEFAULTS)`);
  await database.query(addRows(table), [...values]);
  const bounds = `FROM ('${from.toISOString()}') TO ('${to.toISOString()}')`;
  await database.query(`ALTER TABLE usage_event ATTACH PARTITION "${table}" FOR VALUES ${bounds}`);
}

const addRows = (table: string) => `
  INSERT INTO "${table}" (id, user_id, token_jti, tier, model_id, endpoint, status, streamed, prompt_tokens,
    completion_tokens, count_source, first_byte_ms, duration_ms, created_at)
  SELECT gen_random_uuid(), person.id, person.jti, person.tier, person.models[1 + drawn.n % 2], 'chat/completions',
    CASE WHEN drawn.n % 50 = 0 THEN 502 ELSE 200 END, drawn.n % 3 = 0, 50 + drawn.n % 2000, 20 + drawn.n % 500, 'upstream',
    100 + drawn.n % 300, 500 + drawn.n % 4000,
    drawn.day + ((person.morning + drawn.hour) % 24) * interval '1 hour' + drawn.second * interval '1 second'
  FROM (
    SELECT n, floor(random() * $2::int)::int AS who, floor(random() * 8)::int AS hour, random() * 3599 AS second,
      $3::timestamptz + floor(random() * extract(epoch FROM $4::timestamptz - $3::timestamptz) / 86400) * interval '1 day' AS day
    FROM generate_series(1, $1::int) AS n
  ) AS drawn JOIN person ON person.n = drawn.who`;

const addSums = `
  INSERT INTO usage_hourly (hour, user_id, token_jti, model_id, tier, requests, errors, prompt_tokens, completion_tokens,
    duration_ms, first_byte_ms, first_byte_count)
  SELECT date_trunc('hour', created_at, 'UTC'), user_id, token_jti, model_id, tier, count(*),
    count(*) FILTER (WHERE status >= 400), sum(prompt_tokens), sum(completion_tokens), sum(duration_ms),
    sum(first_byte_ms), count(first_byte_ms)
  FROM usage_event GROUP BY 1, 2, 3, 4, 5`;
