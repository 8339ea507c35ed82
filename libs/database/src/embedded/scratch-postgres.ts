import { chmodSync, mkdtempSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeEmbeddedPostgres, startEmbeddedPostgres, type EmbeddedPostgres } from '../embedded-postgres.js';
import { isAbandoned } from './data-folder-lock.js';

const PREFIX = 'maas-scratch-postgres-';

/** A server in a temporary folder, fast and not durable, that `stop` removes with all its data. */
export async function startScratchPostgres(): Promise<EmbeddedPostgres> {
  await removeAbandoned();
  const dataDir = mkdtempSync(join(realpathSync(tmpdir()), PREFIX));
  // mkdtemp lets nobody else in; as root, PostgreSQL's account must be able to pass.
  chmodSync(dataDir, 0o711);
  const server = await startEmbeddedPostgres({ dataDir, durable: false });
  const { url, adminUrl, port, folder } = server;
  return {
    url,
    adminUrl,
    port,
    folder,
    get pid() {
      return server.pid;
    },
    stop: async () => {
      await server.stop('immediate');
      await removeEmbeddedPostgres(dataDir);
    },
  };
}

/** What a run of ours that was killed left behind. Others may be doing the same, and win. */
async function removeAbandoned(): Promise<void> {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX));
  for (const folder of folders.map((name) => join(tmpdir(), name))) {
    const isOurs = statSync(folder, { throwIfNoEntry: false })?.uid === process.getuid?.();
    if (isOurs && isAbandoned(folder)) await removeEmbeddedPostgres(folder).catch(() => {});
  }
}
