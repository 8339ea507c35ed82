import { lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hasErrorCode } from '../error-code.js';

interface LibraryLink {
  /** The file, and the name that it also goes by, both below the package: `native/lib/libpq.so.5.18`. */
  source: string;
  target: string;
}

/**
 * Makes the symbolic links between PostgreSQL's libraries, which an npm package cannot hold and its install script,
 * which is never run, would make. Does nothing where they are; several processes may do it at once.
 *
 * @returns false when the folder cannot be written
 */
export function makeLibraryLinks(native: string): boolean {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as LibraryLink[];
  return links.every(({ source, target }) => {
    if (dirname(source) !== dirname(target)) throw new Error(`A link to another folder: ${target}`);
    return makeLink(basename(source), join(dirname(native), target));
  });
}

function makeLink(name: string, path: string): boolean {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return true;
  try {
    symlinkSync(name, path);
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) return true;
    if (hasErrorCode(error, 'EROFS', 'EACCES', 'EPERM')) return false;
    throw error;
  }
}
