import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createPool, createPrismaClient } from './client.js';
import { createTestDatabase, dropTestDatabase, startTestPostgres, type TestPostgres } from './test-database.js';

let server: TestPostgres;

beforeAll(async () => {
  server = await startTestPostgres();
});

afterAll(() => server.stop());

describe('createTestDatabase', () => {
  it('gives each caller a migrated database of its own, also when many ask at once', async () => {
    const databases = await Promise.all([1, 2, 3, 4].map(() => createTestDatabase(server.adminUrl)));
    expect(new Set(databases.map(({ url }) => url)).size).toBe(4);
    for (const { url, drop } of databases) {
      expect(new URL(url).pathname).toMatch(/^\/maas_[0-9a-f]+_test$/);
      const client = createPrismaClient({ url, maxConnections: 1 });
      expect(await client.user.count()).toBe(0);
      await client.$disconnect();
      await drop();
    }
  });

  it('drops a database that still has sessions', async () => {
    const { url, drop } = await createTestDatabase(server.adminUrl);
    const client = createPrismaClient({ url, maxConnections: 1 });
    await client.user.count();
    await drop();
    await expect(client.user.count()).rejects.toThrow();
    await client.$disconnect();
  });
});

describe('dropTestDatabase', () => {
  it('refuses every database that is not named as a test database', async () => {
    await expect(dropTestDatabase(server.adminUrl)).rejects.toThrow('Refusing to drop postgres');
  });
});

describe('createPrismaClient', () => {
  it('means the same instants as the server, whose zone may be another', async () => {
    const { url, drop } = await createTestDatabase(server.adminUrl);
    const administrator = new pg.Client({ connectionString: url });
    await administrator.connect();
    for (const setting of ["timezone = 'America/New_York'", "datestyle = 'German'"]) {
      await administrator.query(`ALTER DATABASE "${new URL(url).pathname.slice(1)}" SET ${setting}`);
    }
    await administrator.end();
    const at = new Date('2026-01-31T23:30:00Z');
    const seconds = at.getTime() / 1000;
    for (const given of [url, `${url}?options=-c%20geqo%3Doff`]) {
      const client = createPrismaClient({ url: given, maxConnections: 1 });
      const pool = createPool({ url: given, maxConnections: 1 });
      const [row] = await client.$queryRaw<object[]>`
        SELECT to_timestamp(${seconds}::float8) AS read, ${at}::timestamptz = to_timestamp(${seconds}::float8) AS sent,
          current_setting('geqo') AS geqo`;
      expect(row).toEqual({ read: at, sent: true, geqo: given === url ? 'on' : 'off' });
      const { rows } = await pool.query(`SELECT current_setting('timezone') AS zone`);
      expect(rows).toEqual([{ zone: 'UTC' }]);
      await Promise.all([client.$disconnect(), pool.end()]);
    }
    await drop();
  });

  it('bounds statements and waits, and names itself to the server', async () => {
    const { url, drop } = await createTestDatabase(server.adminUrl);
    const client = createPrismaClient({ url, maxConnections: 1, statementTimeoutMs: 1000 });
    expect(await client.$queryRaw`SELECT current_setting('application_name') AS name`).toEqual([{ name: 'maas' }]);
    await expect(client.$queryRaw`SELECT pg_sleep(10)`).rejects.toThrow('statement timeout');
    await client.$disconnect();
    await drop();
  });
});
