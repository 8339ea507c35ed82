import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

const PASSWORD_FILE = 'postgres-password';

/** The password of a data folder's database, made at random at the first start and readable by us alone. */
export function clusterPassword(dataDir: string, clusterDir: string): string {
  const file = join(dataDir, PASSWORD_FILE);
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  if (existsSync(clusterDir)) {
    throw new EmbeddedPostgresError(
      `The file ${file} is gone, and with it the password of the database in ${clusterDir}. Restore the file, or ` +
        `remove ${dataDir} and ${clusterDir} to begin anew without the data.`,
    );
  }
  const password = randomBytes(24).toString('base64url');
  const partial = `${file}.partial`;
  writeFileSync(partial, `${password}\n`, { mode: 0o600, flush: true });
  chmodSync(partial, 0o600);
  renameSync(partial, file);
  return password;
}
