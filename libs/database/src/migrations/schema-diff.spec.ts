import { appendFile, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findMigrationsFolder } from './migrations-folder.js';
import { schemaDiff } from './schema-diff.js';
import { writeMigration } from './write-migration.js';

let root: string;
let folder: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'maas-schema-'));
  await cp(dirname(findMigrationsFolder()), root, { recursive: true });
  folder = join(root, 'migrations');
});

afterEach(() => rm(root, { recursive: true }));

describe('schemaDiff', () => {
  it('finds nothing where the migrations give what the schema says, triggers written by hand included', async () => {
    expect(await schemaDiff(folder)).toBeUndefined();
  });
});

describe('writeMigration', () => {
  it('writes what the schema says beyond the migrations, after which they are in step', async () => {
    await appendFile(join(root, 'schema.prisma'), '\nmodel Extra {\n  id Int @id\n  @@map("extra")\n}\n');
    const script = await writeMigration(folder, 'add_extra', new Date('2031-02-03T04:05:06.789Z'));
    expect(script).toBe(join(folder, '20310203040506_add_extra', 'migration.sql'));
    expect(await readFile(script ?? '', 'utf8')).toContain('CREATE TABLE "extra"');
    expect(await writeMigration(folder, 'again', new Date())).toBeUndefined();
  });

  it('refuses a name that is not in snake_case', async () => {
    await expect(writeMigration(folder, '../Add', new Date())).rejects.toThrow('snake_case');
  });
});
