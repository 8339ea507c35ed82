import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

/** The system account that PostgreSQL runs as when we are root; PostgreSQL itself refuses to be root. */
export interface ServerAccount {
  uid: number;
  gid: number;
}

const CANDIDATES = ['postgres', '_postgres', 'nobody'];

/**
 * The account to start PostgreSQL as, or undefined to start it as ourselves. A cluster that exists keeps its owner.
 * No account is ever created.
 */
export function serverAccount(clusterDir: string): ServerAccount | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(clusterDir, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const accounts = parsePasswd(readFileSync('/etc/passwd', 'utf8'));
  const account = CANDIDATES.map((name) => accounts.get(name)).find((found) => found !== undefined);
  if (account !== undefined) return account;
  throw new EmbeddedPostgresError(
    'PostgreSQL refuses to run as root, and this system has neither a postgres nor a nobody account. Start as an ' +
      'ordinary user, or set DATABASE_URL to a PostgreSQL server.',
  );
}

/** passwd(5): name, password, user id, group id, and more, between colons. */
export function parsePasswd(content: string): Map<string, ServerAccount> {
  const accounts = new Map<string, ServerAccount>();
  for (const line of content.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name === undefined || !/^[1-9]\d*$/.test(uid ?? '')) continue;
    accounts.set(name, { uid: Number(uid), gid: Number(gid) });
  }
  return accounts;
}

/** Whether the account may pass through a folder and all that it lies in, by the permission bits. */
export function canTraverse(folder: string, account: ServerAccount): boolean {
  const { mode, uid, gid } = statSync(folder);
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
  if (((mode >> shift) & 1) === 0) return false;
  const parent = dirname(folder);
  return parent === folder || canTraverse(parent, account);
}
