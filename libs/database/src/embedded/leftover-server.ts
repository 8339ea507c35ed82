import { basename } from 'node:path';
import { readPostmasterFile } from './postmaster-file.js';
import { commandLine, isAlive } from './process-identity.js';
import { stopServer } from './stop-server.js';

/**
 * Stops the server that a killed process of ours left running on a cluster. Only a process that really is a postgres
 * of this cluster is touched: the id in a stale `postmaster.pid` may belong to anything by now.
 *
 * @returns the id in `postmaster.pid` when another program has it; PostgreSQL must be told to overlook it
 */
export async function stopLeftoverServer(clusterDir: string): Promise<number | undefined> {
  const file = readPostmasterFile(clusterDir);
  if (file === undefined || !isAlive(file.pid)) return undefined;
  if (!isServerOf(commandLine(file.pid), clusterDir)) return file.pid;
  await stopServer(file.pid);
  return undefined;
}

export function isServerOf([program, ...options]: string[], clusterDir: string): boolean {
  if (program === undefined || basename(program) !== 'postgres') return false;
  return options.some((option, index) => option === '-D' && options[index + 1] === clusterDir);
}
