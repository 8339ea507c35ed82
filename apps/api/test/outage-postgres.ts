import { chmodSync, mkdtempSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeEmbeddedPostgres, startEmbeddedPostgres } from '@maas/database/embedded-postgres';
import { postgresBinaries } from '@maas/database/embedded/postgres-binaries';
import { ServerLog } from '@maas/database/embedded/server-log';
import type { ServerProcess } from '@maas/database/embedded/server-process';
import { startWithRetries } from '@maas/database/embedded/start-with-retries';
import { stopServer } from '@maas/database/embedded/stop-server';
import { chooseStorage } from '@maas/database/embedded/storage-folder';
import { freePorts } from './free-ports.js';

/** A PostgreSQL of its own that a test takes away and brings back, on one port, with its data. */
export interface OutagePostgres {
  readonly adminUrl: string;
  start(): Promise<void>;
  /** As its service manager would. */
  stop(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Stops all of its processes where they stand: connections are taken and nothing is answered. */
  freeze(): void;
  thaw(): void;
  remove(): Promise<void>;
}

const warn = () => undefined;

export async function startOutagePostgres(): Promise<OutagePostgres> {
  const dataDir = mkdtempSync(join(realpathSync(tmpdir()), 'maas-outage-postgres-'));
  // mkdtemp lets nobody else in; as root, PostgreSQL's account must be able to pass.
  chmodSync(dataDir, 0o711);
  const [port = 0] = await freePorts(1);
  const first = await startEmbeddedPostgres({ dataDir, port });
  await first.stop();
  const { adminUrl } = first;
  const { clusterDir, account } = chooseStorage(dataDir, warn);
  const { postgres } = await postgresBinaries(account, warn);
  const launch = { postgres, clusterDir, account, log: new ServerLog(dataDir) };
  let server: ServerProcess | undefined;
  let frozen: number[] = [];
  const thaw = () => {
    for (const pid of frozen) signal(pid, 'SIGCONT');
    frozen = [];
  };
  const stop = async (how: (pid: number) => unknown) => {
    if (!server) return;
    const { pid, exited } = server;
    server = undefined;
    await how(pid);
    await exited;
  };
  return {
    adminUrl,
    start: async () => {
      // Committed is committed, also when it is killed.
      server ??= await startWithRetries(launch, { port, durable: true });
    },
    stop: () => stop((pid) => stopServer(pid)),
    kill: () => stop((pid) => signal(pid, 'SIGKILL')),
    freeze: () => {
      if (!server) return;
      // The postmaster first: it makes no more of them.
      frozen = [server.pid];
      signal(server.pid, 'SIGSTOP');
      frozen.push(...childrenOf(server.pid));
      for (const pid of frozen) signal(pid, 'SIGSTOP');
    },
    thaw,
    remove: async () => {
      thaw();
      await stop((pid) => stopServer(pid, 'immediate'));
      await removeEmbeddedPostgres(dataDir);
    },
  };
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}
