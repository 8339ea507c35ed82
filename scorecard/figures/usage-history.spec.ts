import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoginResult } from '@maas/contracts/auth';
import { dropTestDatabase } from '@maas/database/test-database';
import pg from 'pg';
import { administrator } from '../../apps/api/test/cluster.js';
import { call, createEmptyDatabase, type MaasProcess, startMaas } from '../../apps/api/test/process-maas.js';
import { eventually } from '../../apps/api/test/streams.js';
import { quantile } from '../kit/quantile.js';
import { type History, writeHistory } from '../kit/usage-history.js';
import { measure } from '../measure.js';

interface Size extends History {
  readonly asks: number;
}

const DAY = 86_400_000;
/** A day is summed in some 10 ms, a month in some 100, and a year of them one after the other. */
const SUMMED_MILLISECONDS = 10 * 60_000;

/** What the pages ask for: the overview, the platform's usage, a user's own. */
function reports(user: string): string[] {
  const since = (days: number) => `from=${new Date(Date.now() - days * DAY).toISOString()}`;
  return [
    `groupBy=hour&${since(1)}`,
    `groupBy=day&${since(30)}`,
    `groupBy=day,model&${since(30)}`,
    `groupBy=model&${since(365)}`,
    `groupBy=day&${since(365)}`,
    `groupBy=user&orderBy=totalTokens&limit=10&${since(30)}`,
    `groupBy=user&orderBy=totalTokens&limit=10&${since(365)}`,
    `groupBy=day&user=${user}&${since(90)}`,
  ].map((query) => `/maas-api/v1/admin/usage?${query}`);
}

/** The median of the milliseconds that each takes, and the slowest of these. */
async function slowest(maas: MaasProcess, token: string, paths: readonly string[], asks: number): Promise<number> {
  const medians: number[] = [];
  for (const path of paths) {
    const times: number[] = [];
    for (let ask = 0; ask < asks; ask += 1) {
      const began = performance.now();
      const { status, text } = await call(maas, path, { token });
      times.push(performance.now() - began);
      if (status !== 200) throw new Error(`${path} answered ${status}: ${text}`);
    }
    medians.push(quantile(times, 0.5));
  }
  return Math.max(...medians);
}

/** How many rows were read since the start, of single requests and of sums, as PostgreSQL counts them. */
async function rowsRead(database: pg.Client): Promise<{ requests: number; sums: number }> {
  const { rows } = await database.query<{ requests: number; sums: number }>(
    `SELECT coalesce(sum(reads) FILTER (WHERE relname LIKE 'usage_event%'), 0)::float AS requests,
       coalesce(sum(reads) FILTER (WHERE relname IN ('usage_hourly', 'usage_daily', 'usage_daily_total', 'usage_monthly')), 0)::float AS sums
     FROM (SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0) AS reads FROM pg_stat_user_tables) AS tables`,
  );
  return rows[0] ?? { requests: 0, sums: 0 };
}

// S22: a year of requests; what people look at is read from the sums.
measure<Size>('S22', async ({ size, record, defer }) => {
  const databaseUrl = await createEmptyDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
  const dataDir = mkdtempSync(join(tmpdir(), 'maas-history-'));
  defer(() => rm(dataDir, { recursive: true, force: true }));
  defer(() => dropTestDatabase(databaseUrl));
  const settings = { DATABASE_URL: databaseUrl, MAAS_DATA_DIR: dataDir, USAGE_RETENTION: '500d' };
  const first = await startMaas(settings);
  await call(first, '/maas-api/v1/setup', { body: { secret: first.setupSecret, ...administrator } });
  first.signal('SIGTERM');
  await first.ended;

  const loading = performance.now();
  const user = await writeHistory(databaseUrl, size);
  const seconds = Math.round((performance.now() - loading) / 1000);
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  defer(() => database.end());
  const maas = await startMaas(settings);
  defer(() => maas.signal('SIGKILL'));
  const summed = async () =>
    (await database.query<{ days: number }>('SELECT count(*)::int AS days FROM usage_summed_day')).rows[0]?.days ?? 0;
  await eventually(async () => (await summed()) >= size.days - 2, 'all days are summed', SUMMED_MILLISECONDS);
  const months = async () =>
    (await database.query<{ months: number }>('SELECT count(*)::int AS months FROM usage_summed_month')).rows[0]
      ?.months ?? 0;
  const whole = Math.floor(size.days / 31) - 1;
  await eventually(async () => (await months()) >= whole, 'all months are summed', SUMMED_MILLISECONDS);

  const { body } = await call<LoginResult>(maas, '/maas-api/v1/login', { body: administrator });
  const before = await rowsRead(database);
  const note = `${size.rows} requests of ${size.people} people in ${size.days} days, loaded in ${seconds} s`;
  record('reports', await slowest(maas, body.token, reports(user), size.asks), note);
  // PostgreSQL counts with a delay: when the sums that were read are counted, so is everything else.
  await eventually(async () => (await rowsRead(database)).sums > before.sums, 'the reads are counted', 60_000);
  const after = await rowsRead(database);
  record('touched', after.requests - before.requests, `${after.sums - before.sums} rows of sums were read`);
  const lists = ['', `&user=${user}`, '&status=error'].map(
    (filter) => `/maas-api/v1/admin/usage/requests?limit=50${filter}`,
  );
  record('lists', await slowest(maas, body.token, lists, size.asks), 'the newest 50, of all, of one person, errors');
});
