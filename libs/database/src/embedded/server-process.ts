import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { guardAgainstOrphan } from './orphan-guard.js';
import { readPostmasterFile } from './postmaster-file.js';
import type { ServerAccount } from './server-account.js';
import { serverEnvironment } from './server-environment.js';
import type { ServerLog } from './server-log.js';
import { serverArguments, type ServerSettings } from './server-settings.js';
import { stopServer } from './stop-server.js';

export interface ServerLaunch {
  postgres: string;
  clusterDir: string;
  account: ServerAccount | undefined;
  log: ServerLog;
  /** A process id in `postmaster.pid` that belongs to another program now. */
  overlookedPid?: number | undefined;
}

export interface ServerProcess {
  pid: number;
  port: number;
  /** Resolves when the server has ended, for whatever reason. */
  exited: Promise<void>;
}

const POLL_INTERVAL_MS = 5;
/** A server that was killed replays its log first; with our small logs that takes seconds at most. */
const READY_TIMEOUT_MS = 120_000;

/** Starts a server and waits until it accepts connections. It ends, at the latest, shortly after this process does. */
export async function startServer(launch: ServerLaunch, settings: ServerSettings): Promise<ServerProcess> {
  const descriptor = launch.log.open();
  const child = spawn(launch.postgres, serverArguments(launch.clusterDir, settings), {
    ...launch.account,
    cwd: '/',
    env: overlook(launch.overlookedPid),
    // Out of reach of the terminal's Ctrl-C, so that we can finish our work before we stop it.
    detached: true,
    stdio: ['ignore', descriptor, descriptor],
  });
  launch.log.close();
  let problem: Error | undefined;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => resolve(void (problem = error)));
  });
  if (child.pid === undefined) {
    await exited;
    throw new EmbeddedPostgresError(`${launch.postgres} cannot be run: ${problem?.message}`, {
      cause: problem,
    });
  }
  const dismissGuard = guardAgainstOrphan(child.pid, launch.account);
  void exited.then(dismissGuard);
  const server = { pid: child.pid, port: settings.port, exited };
  await waitUntilReady(server, launch);
  child.unref();
  return server;
}

/**
 * PostgreSQL refuses a cluster whose `postmaster.pid` names a process that is alive, except for the one in this
 * variable (src/backend/utils/init/miscinit.c). Unlike removing the file, that keeps its second check: whether
 * sessions of a server that was killed still use the shared memory.
 */
function overlook(pid: number | undefined): NodeJS.ProcessEnv {
  return pid === undefined ? serverEnvironment : { ...serverEnvironment, PG_GRANDPARENT_PID: String(pid) };
}

async function waitUntilReady(server: ServerProcess, { clusterDir, log }: ServerLaunch): Promise<void> {
  let hasExited = false;
  void server.exited.then(() => (hasExited = true));
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    const file = readPostmasterFile(clusterDir);
    if (file?.pid === server.pid && file.status === 'ready') return;
    if (hasExited) throw startFailed(log, 'ended at once');
    if (performance.now() > deadline) {
      await stopServer(server.pid, 'immediate');
      throw startFailed(log, `was not ready after ${READY_TIMEOUT_MS / 1000} s`);
    }
    await delay(POLL_INTERVAL_MS);
  }
}

function startFailed(log: ServerLog, what: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(`The embedded PostgreSQL ${what}. The end of ${log.path}:\n${log.tail()}`);
}
