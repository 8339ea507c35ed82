import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, open, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { removeFolder } from './remove-folder.js';
import { serverEnvironment } from './server-environment.js';
import type { ServerAccount } from './server-account.js';
import type { Storage } from './storage-folder.js';

/** The superuser of the cluster, and the name under which we connect. */
export const SUPERUSER = 'maas';

const PARTIAL_PREFIX = 'cluster.partial-';
const TIMEOUT_MS = 120_000;

export interface ClusterSettings {
  initdb: string;
  password: string;
  durable: boolean;
}

/**
 * Creates the cluster unless it is there. It is made under another name and renamed at the end, so that a cluster which
 * exists is complete; what an attempt that was killed left behind is removed. The caller holds the lock of the folder.
 */
export async function initializeCluster(storage: Storage, settings: ClusterSettings): Promise<void> {
  await removePartial(storage.folder);
  if (existsSync(storage.clusterDir)) return;
  const partial = join(storage.folder, `${PARTIAL_PREFIX}${randomUUID()}`);
  try {
    await mkdirFor(storage.account, partial);
    await mkdirFor(storage.account, join(partial, 'data'));
    await runInitdb(partial, settings, storage.account);
    await rename(join(partial, 'data'), storage.clusterDir);
    if (settings.durable) await sync(storage.folder);
  } finally {
    await removeFolder(partial);
  }
}

async function removePartial(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(PARTIAL_PREFIX));
  for (const name of names) await removeFolder(join(folder, name));
}

async function mkdirFor(account: ServerAccount | undefined, folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  if (account !== undefined) await chown(folder, account.uid, account.gid);
}

async function runInitdb(
  partial: string,
  { initdb, password, durable }: ClusterSettings,
  account: ServerAccount | undefined,
): Promise<void> {
  const passwordFile = join(partial, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  await chmod(passwordFile, 0o600);
  if (account !== undefined) await chown(passwordFile, account.uid, account.gid);
  const options = [
    `--pgdata=${join(partial, 'data')}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // PostgreSQL's own C.UTF-8: the same on every system, whatever locales that has.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(durable ? [] : ['--no-sync']),
  ];
  try {
    await promisify(execFile)(initdb, options, {
      ...account,
      cwd: partial,
      env: serverEnvironment,
      timeout: TIMEOUT_MS,
    });
  } catch (error) {
    const output = stderrOf(error).trim();
    throw new EmbeddedPostgresError(
      `PostgreSQL could not create a database in ${partial}. ${output === '' ? String(error) : output}\n` +
        'Remove the cause, or set DATABASE_URL to a PostgreSQL server.',
      { cause: error },
    );
  }
}

function stderrOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr) : '';
}

/** A name is safe from a power cut only when its folder has been written. */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}
