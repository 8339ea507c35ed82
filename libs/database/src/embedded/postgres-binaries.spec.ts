import { chmod, cp, lstat, mkdtemp, readlink, rm } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeLibraryLinks } from './library-links.js';
import { postgresBinaries } from './postgres-binaries.js';
import { findPostgresPackage, type PostgresPackage } from './postgres-package.js';
import { serverAccount } from './server-account.js';

const unexpected = (message: string): void => {
  throw new Error(message);
};

/** A package as npm unpacks it, without links, in a folder that only we can enter. */
let closed: string;
let source: PostgresPackage;

beforeEach(async () => {
  closed = await mkdtemp(join(tmpdir(), 'maas-binaries-'));
  const installed = findPostgresPackage();
  source = { ...installed, native: join(closed, 'native'), version: `test-${process.pid}` };
  // Nor the thousand files of `share`, which `--version` does not need.
  const isWanted = async (path: string): Promise<boolean> =>
    !path.endsWith('/share') && !(await lstat(path)).isSymbolicLink();
  await cp(installed.native, source.native, { recursive: true, filter: isWanted });
});

afterEach(() => rm(closed, { recursive: true }));

describe('makeLibraryLinks', () => {
  it('makes the links that the package lists, relative to their folder, and is content when they are there', async () => {
    expect([makeLibraryLinks(source.native), makeLibraryLinks(source.native)]).toEqual([true, true]);
    const link = process.platform === 'darwin' ? 'libpq.dylib' : 'libpq.so.5';
    expect(await readlink(join(source.native, 'lib', link))).toMatch(/^libpq\./);
  });
});

describe('postgresBinaries', () => {
  it('gives programs that the account can run, also when npm put them where only we can enter', async () => {
    const account = serverAccount(join(closed, 'no-cluster-yet'));
    const umask = process.umask(0o077);
    try {
      const programs = await Promise.all([1, 2].map(() => postgresBinaries(account, unexpected, source)));
      for (const { postgres } of programs) {
        const version = execFileSync(postgres, ['--version'], {
          ...account,
          cwd: '/',
          env: {},
          encoding: 'utf8',
        });
        expect(version).toContain('PostgreSQL');
      }
      const home = dirname(dirname(dirname(programs[0]?.postgres ?? '')));
      expect(home === closed).toBe(account === undefined);
      if (home !== closed) await rm(home, { recursive: true });
    } finally {
      process.umask(umask);
    }
  });

  it('leaves an installation alone that it cannot write', async () => {
    const lib = join(source.native, 'lib');
    await chmod(lib, 0o555);
    const { postgres } = await postgresBinaries(serverAccount(join(closed, 'no-cluster-yet')), unexpected, source);
    await chmod(lib, 0o755);
    expect(execFileSync(postgres, ['--version'], { encoding: 'utf8' })).toContain('PostgreSQL');
    const home = dirname(dirname(dirname(postgres)));
    if (home !== closed) await rm(home, { recursive: true });
  });
});
