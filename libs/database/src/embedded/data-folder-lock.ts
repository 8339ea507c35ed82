import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasErrorCode } from '../error-code.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { startOf } from './process-identity.js';

const LOCK_FILE = 'postgres.lock';

interface Holder {
  pid: number;
  /** Tells the holder from a later process that was given the same id. */
  start: string;
}

/**
 * Makes this process the owner of a data folder until it calls the function that this returns, or ends in whatever way.
 *
 * @throws EmbeddedPostgresError that names the process which owns the folder
 */
export function lockDataFolder(dataDir: string): () => void {
  const lockFile = join(dataDir, LOCK_FILE);
  const mine = join(dataDir, `${LOCK_FILE}.${randomUUID()}`);
  writeFileSync(mine, JSON.stringify({ pid: process.pid, start: startOf(process.pid) }), { mode: 0o600 });
  try {
    // A link comes into being with its content, and not at all where one is already.
    while (!tryLink(mine, lockFile)) removeStale(lockFile, dataDir);
  } finally {
    rmSync(mine);
  }
  return () => rmSync(lockFile, { force: true });
}

/** Whether the process that locked this folder is gone. False also for a folder that nobody locked. */
export function isAbandoned(dataDir: string): boolean {
  const content = read(join(dataDir, LOCK_FILE));
  return content !== undefined && liveHolder(content) === undefined;
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function removeStale(lockFile: string, dataDir: string): void {
  const content = read(lockFile);
  if (content === undefined) return;
  const holder = liveHolder(content);
  if (holder !== undefined) throw inUse(dataDir, holder);
  const aside = `${lockFile}.${randomUUID()}`;
  try {
    renameSync(lockFile, aside);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return;
    throw error;
  }
  // Between reading and renaming another process may have removed the stale lock and taken its own: give it back.
  if (read(aside) !== content) tryLink(aside, lockFile);
  rmSync(aside);
}

function liveHolder(content: string): Holder | undefined {
  try {
    const holder = JSON.parse(content) as Holder;
    return startOf(holder.pid) === holder.start ? holder : undefined;
  } catch {
    // A power cut can leave an empty file behind.
    return undefined;
  }
}

function inUse(dataDir: string, holder: Holder): EmbeddedPostgresError {
  const who = holder.pid === process.pid ? 'this same process' : `process ${holder.pid}`;
  return new EmbeddedPostgresError(
    `The data folder ${dataDir} is in use by ${who}. Stop that process first, or give this one a folder of its own: ` +
      'set MAAS_DATA_DIR.',
  );
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
