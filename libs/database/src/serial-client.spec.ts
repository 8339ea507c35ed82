import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPrismaClient, type PrismaClient } from './client.js';
import { createTestDatabase, startTestPostgres, type TestDatabase, type TestPostgres } from './test-database.js';

let server: TestPostgres;
let database: TestDatabase;
let client: PrismaClient;
const run = promisify(execFile);

beforeAll(async () => {
  server = await startTestPostgres();
  database = await createTestDatabase(server.adminUrl);
  client = createPrismaClient({ url: database.url, maxConnections: 2 });
  const at = { createdAt: new Date(), updatedAt: new Date() };
  await client.tier.create({ data: { name: 'free', displayName: 'Free', level: 0, ...at } });
  await client.model.create({ data: { id: 'one', name: 'One', ownedBy: 'us', ...at } });
  await client.modelTier.create({ data: { modelId: 'one', tierName: 'free' } });
});
afterAll(async () => {
  await client.$disconnect();
  await server.stop();
});

describe('a connection', () => {
  it('is given one statement after the other, also where a transaction reads several relations at once', async () => {
    // A process of its own, which ends with an error when anything is deprecated.
    const program = `
      const { createPrismaClient } = await import(process.env.CLIENT);
      const client = createPrismaClient({ url: process.env.DATABASE_URL, maxConnections: 2 });
      const include = { tiers: true, backends: true, discovery: true };
      const read = await client.$transaction((transaction) => transaction.model.findMany({ include }));
      console.log(JSON.stringify(read));
      await client.$disconnect();`;
    const { stdout } = await run(process.execPath, ['--throw-deprecation', '--input-type=module', '-e', program], {
      env: { ...process.env, DATABASE_URL: database.url, CLIENT: new URL('../dist/client.js', import.meta.url).href },
    });
    expect(JSON.parse(stdout)).toMatchObject([
      { id: 'one', tiers: [{ tierName: 'free' }], backends: [], discovery: null },
    ]);
  });

  it('goes on after a statement that failed', async () => {
    const seen = await client.$transaction(async (transaction) => {
      await transaction.$executeRaw`SAVEPOINT before`;
      const failed = await transaction.$queryRaw`SELECT 1 / 0`.catch((error: Error) => error.message);
      await transaction.$executeRaw`ROLLBACK TO SAVEPOINT before`;
      return [failed, await transaction.model.count()];
    });
    expect(seen).toEqual([expect.stringContaining('division by zero'), 1]);
  });
});
