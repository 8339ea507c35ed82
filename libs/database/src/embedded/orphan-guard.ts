import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import type { ServerAccount } from './server-account.js';

/** Blocks until the pipe from us closes, which the kernel does for us however we end, then asks for a fast shutdown. */
const SCRIPT = 'read -r _; kill -INT "$1"';

/**
 * Sees to it that a server does not outlive this process, not even when this one is killed. A shell that waits costs
 * less than a megabyte, and initdb needs a shell anyway.
 *
 * @returns the function that dismisses the guard, to be called when the server has ended
 */
export function guardAgainstOrphan(pid: number, account: ServerAccount | undefined): () => void {
  const shell: ChildProcess = spawn('/bin/sh', ['-c', SCRIPT, 'maas-postgres-guard', String(pid)], {
    ...account,
    cwd: '/',
    env: {},
    // In a group of its own: a Ctrl-C in the terminal is for us, and we stop the server when we are done with it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a shell the server runs all the same, only less guarded.
  shell.on('error', () => {});
  shell.unref();
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  return () => shell.kill('SIGKILL');
}
