import type { TestPostgres } from '@maas/database/test-database';

export default async function globalTeardown(): Promise<void> {
  await (globalThis as { maasTestPostgres?: TestPostgres }).maasTestPostgres?.stop();
}
