import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { clusterPassword } from './embedded/cluster-password.js';
import { lockDataFolder } from './embedded/data-folder-lock.js';
import { EmbeddedPostgresError } from './embedded/embedded-postgres-error.js';
import { ensureDatabase } from './embedded/ensure-database.js';
import { initializeCluster, SUPERUSER } from './embedded/initialize-cluster.js';
import { stopLeftoverServer } from './embedded/leftover-server.js';
import { postgresBinaries } from './embedded/postgres-binaries.js';
import type { Warn } from './embedded/private-folder.js';
import { removeFolder } from './embedded/remove-folder.js';
import { ServerLog } from './embedded/server-log.js';
import { chooseStorage, findStorage } from './embedded/storage-folder.js';
import { SupervisedServer } from './embedded/supervised-server.js';
import { hasErrorCode } from './error-code.js';

export { EmbeddedPostgresError } from './embedded/embedded-postgres-error.js';

export interface EmbeddedPostgresOptions {
  /** The folder that holds the data, the password and the log; created when it is missing. One process may use it at a time. */
  dataDir: string;
  /** Whether commits must survive a crash of the machine; true unless given. */
  durable?: boolean;
  /** The TCP port on 127.0.0.1; a free one unless given. */
  port?: number;
  /** The database that `url` names, created when it is missing; "maas" unless given. */
  database?: string;
  /** Is told what the operator should know; a warning of Node's unless given. */
  warn?: Warn;
}

export interface EmbeddedPostgres {
  /** Of the database; holds the password. */
  url: string;
  /** Of the database `postgres`, from which others are created. */
  adminUrl: string;
  port: number;
  /** Where the data is: elsewhere than asked for when the server's own user could not get there. */
  folder: string;
  /** The process id of the server now; another one after it was restarted. */
  readonly pid: number;
  /** Stops the server and gives the folder free. "immediate" skips the checkpoint, for data that nobody needs again. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
}

/**
 * Runs the PostgreSQL that comes in an npm package, as a child that listens on 127.0.0.1 only. It is restarted when it
 * crashes, does not hear the terminal's Ctrl-C, and ends when this process does, however that ends.
 * It does not keep this process alive.
 *
 * @throws EmbeddedPostgresError whose message tells the operator what to do
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  // As root others must be able to pass, and everything in the folder is protected by itself.
  mkdirSync(options.dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const dataDir = realpathSync(options.dataDir);
  let unlock = (): void => {};
  try {
    unlock = lockDataFolder(dataDir);
    return await startLocked(dataDir, options, unlock);
  } catch (error) {
    unlock();
    throw hasErrorCode(error, 'EACCES', 'EPERM') ? belongsToAnother(dataDir, error) : error;
  }
}

function belongsToAnother(dataDir: string, error: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The data folder ${dataDir}, or a part of it, belongs to another user (${String(error)}). Start as that user, or ` +
      'set MAAS_DATA_DIR to a folder of your own.',
    { cause: error },
  );
}

async function startLocked(
  dataDir: string,
  options: EmbeddedPostgresOptions,
  unlock: () => void,
): Promise<EmbeddedPostgres> {
  const { durable = true, database = 'maas', warn = emitWarning } = options;
  const storage = chooseStorage(dataDir, warn);
  const { clusterDir, account } = storage;
  const { initdb, postgres } = await postgresBinaries(account, warn);
  const overlookedPid = await stopLeftoverServer(clusterDir);
  const password = clusterPassword(dataDir, clusterDir);
  await initializeCluster(storage, { initdb, password, durable });
  const launch = { postgres, clusterDir, account, log: new ServerLog(dataDir), overlookedPid };
  const server = await SupervisedServer.start(launch, { port: options.port, durable }, warn);
  const urlOf = (name: string): string => `postgresql://${SUPERUSER}:${password}@127.0.0.1:${server.port}/${name}`;
  try {
    await ensureDatabase(urlOf('postgres'), database);
  } catch (error) {
    await server.stop('fast');
    throw error;
  }
  let stopped: Promise<void> | undefined;
  return {
    url: urlOf(database),
    adminUrl: urlOf('postgres'),
    port: server.port,
    folder: clusterDir,
    get pid() {
      return server.pid;
    },
    stop: (mode = 'fast') => (stopped ??= server.stop(mode).then(unlock)),
  };
}

const emitWarning: Warn = (message) => process.emitWarning(message);

/** Removes a data folder with its database, wherever that is. Refuses while a process uses it. */
export async function removeEmbeddedPostgres(dataDir: string): Promise<void> {
  if (!existsSync(dataDir)) return;
  const unlock = lockDataFolder(realpathSync(dataDir));
  try {
    const { folder, clusterDir } = findStorage(realpathSync(dataDir));
    await stopLeftoverServer(clusterDir);
    await removeFolder(folder);
  } finally {
    unlock();
  }
  await removeFolder(dataDir);
}
