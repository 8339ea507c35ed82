import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { privateFolder, type Warn } from './private-folder.js';
import { canTraverse, serverAccount, type ServerAccount } from './server-account.js';

/** In the data folder when the cluster is not: its first line is the path of the folder where it is. */
const LOCATION_FILE = 'postgres-data-is-elsewhere.txt';
const CLUSTER = 'cluster';

export interface StorageFolder {
  /** Holds the cluster: the data folder itself, or one that the account can reach. */
  folder: string;
  /** PostgreSQL's own data folder. */
  clusterDir: string;
}

export interface Storage extends StorageFolder {
  account: ServerAccount | undefined;
}

/** Where the cluster of a data folder is, or would be if nothing spoke against it. */
export function findStorage(dataDir: string): StorageFolder {
  const folder = readLocation(dataDir) ?? dataDir;
  return { folder, clusterDir: join(folder, CLUSTER) };
}

function readLocation(dataDir: string): string | undefined {
  const file = join(dataDir, LOCATION_FILE);
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n')[0] : undefined;
}

/**
 * Decides where the cluster of a data folder lives and who owns it. It is in the data folder unless we are root and
 * the account that PostgreSQL runs as cannot get there; once decided it stays.
 */
export function chooseStorage(dataDir: string, warn: Warn): Storage {
  const elsewhere = readLocation(dataDir);
  if (elsewhere !== undefined) return existing(dataDir, elsewhere);
  const account = serverAccount(join(dataDir, CLUSTER));
  if (account === undefined || canTraverse(dataDir, account)) return storage(dataDir, account);
  if (existsSync(join(dataDir, CLUSTER))) {
    throw new EmbeddedPostgresError(
      `The user ${account.uid}, whose database is in ${dataDir}, cannot reach it. Give the folders above it the ` +
        'permission to be passed (chmod o+x), as they had before.',
    );
  }
  return storage(createElsewhere(dataDir, account, warn), account);
}

function existing(dataDir: string, folder: string): Storage {
  if (!existsSync(folder)) {
    throw new EmbeddedPostgresError(
      `The data of ${dataDir} were in ${folder}, which is gone. Restore it, or remove ${dataDir} to begin anew.`,
    );
  }
  return storage(folder, serverAccount(join(folder, CLUSTER)));
}

function storage(folder: string, account: ServerAccount | undefined): Storage {
  return { folder, clusterDir: join(folder, CLUSTER), account };
}

function createElsewhere(dataDir: string, account: ServerAccount, warn: Warn): string {
  // The random part keeps a data folder that was removed and made again from finding the data of the first one.
  const name = createHash('sha256').update(dataDir).update(randomBytes(16)).digest('hex').slice(0, 16);
  const folder = join(privateFolder(warn), name);
  mkdirSync(folder);
  chmodSync(folder, 0o711);
  if (!canTraverse(folder, account)) {
    throw new EmbeddedPostgresError(
      `The user ${account.uid}, as whom PostgreSQL runs, can reach neither ${dataDir} nor ${folder}. ` +
        'Set MAAS_DATA_DIR to a folder that everybody may pass through, or start as an ordinary user.',
    );
  }
  const explanation = `PostgreSQL does not run as root, and the user ${account.uid}, as whom it runs, cannot reach this folder.`;
  writeFileSync(join(dataDir, LOCATION_FILE), `${folder}\n\nThe database of this folder is there. ${explanation}\n`);
  writeFileSync(join(folder, 'data-folder.txt'), `${dataDir}\n`);
  return folder;
}
