import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

export type Warn = (message: string) => void;

const SYSTEM_FOLDER = '/var/lib/maas';

/**
 * A folder of ours outside the installation, for what cannot stay where it is: as root one that other accounts can
 * pass through, else one in the home folder. Falls back to the system's folder for temporary files, and says so.
 */
export function privateFolder(warn: Warn): string {
  const uid = process.getuid?.() ?? 0;
  try {
    return create(uid === 0 ? SYSTEM_FOLDER : join(homedir(), '.cache', 'maas'));
  } catch (error) {
    const fallback = create(join(tmpdir(), `maas-${uid}`));
    warn(`PostgreSQL uses ${fallback}, which the system may clear, because of: ${String(error)}`);
    return fallback;
  }
}

function create(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const { uid } = lstatSync(folder);
  // In a folder that everybody can write, somebody else may have made it first, and would then own our programs.
  if (uid !== (process.getuid?.() ?? uid)) {
    throw new EmbeddedPostgresError(`${folder} belongs to another user (${uid}).`);
  }
  if (!lstatSync(folder).isDirectory()) throw new EmbeddedPostgresError(`${folder} is not a folder.`);
  chmodSync(folder, 0o755);
  return folder;
}
