import { startTestPostgres } from '@maas/database/test-database';

/** One PostgreSQL for a whole run; each suite gets a database of its own from its template. */
export default async function globalSetup(): Promise<void> {
  const postgres = await startTestPostgres();
  process.env['MAAS_TEST_POSTGRES'] = postgres.adminUrl;
  (globalThis as { maasTestPostgres?: typeof postgres }).maasTestPostgres = postgres;
}
