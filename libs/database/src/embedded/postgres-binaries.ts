import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { makeLibraryLinks } from './library-links.js';
import { findPostgresPackage, type PostgresPackage } from './postgres-package.js';
import { privateFolder, type Warn } from './private-folder.js';
import type { ServerAccount } from './server-account.js';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/**
 * PostgreSQL's programs, ready to run as the account. They run where npm put them; where that cannot be written, or
 * lies below a folder that the account cannot pass, a copy is made, once for each version.
 */
export async function postgresBinaries(
  account: ServerAccount | undefined,
  warn: Warn,
  source: PostgresPackage = findPostgresPackage(),
): Promise<PostgresBinaries> {
  if (makeLibraryLinks(source.native)) {
    const inPlace = programsIn(source.native);
    if (account === undefined || runs(inPlace.postgres, account)) return inPlace;
  }
  const copied = programsIn(await copyOnce(source, privateFolder(warn)));
  if (account === undefined || runs(copied.postgres, account)) return copied;
  throw new EmbeddedPostgresError(
    `The user ${account.uid} cannot run ${copied.postgres}. Start as an ordinary user, or set DATABASE_URL to a ` +
      'PostgreSQL server.',
  );
}

function programsIn(native: string): PostgresBinaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
}

/** Tried for real, because permission bits do not tell of access lists or of mounts without execution. */
function runs(program: string, account: ServerAccount): boolean {
  return spawnSync(program, ['--version'], { ...account, cwd: '/', env: {}, stdio: 'ignore' }).status === 0;
}

/** Copies the package (60 MB) under a name that holds its version; complete, or not there. */
async function copyOnce(source: PostgresPackage, folder: string): Promise<string> {
  // The links are listed with paths that begin with "native".
  const home = join(folder, `postgresql-${source.version}-${source.platform}`);
  const native = join(home, 'native');
  if (existsSync(native)) return native;
  const partial = `${home}.partial-${randomUUID()}`;
  try {
    await cp(source.native, join(partial, 'native'), { recursive: true, verbatimSymlinks: true });
    await openToAll(partial);
    if (!makeLibraryLinks(join(partial, 'native'))) throw new EmbeddedPostgresError(`${partial} cannot be written.`);
    await rename(partial, home);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    // Another process may have been quicker.
    if (!existsSync(native)) throw error;
  }
  return native;
}

/** Whatever our umask is, the account must be able to read all and to run the programs. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const modes = entries
    .filter((entry) => !entry.isSymbolicLink())
    .map((entry) => {
      const isOpened = entry.isDirectory() || entry.parentPath.endsWith('/bin');
      return chmod(join(entry.parentPath, entry.name), isOpened ? 0o755 : 0o644);
    });
  await Promise.all(modes);
}
