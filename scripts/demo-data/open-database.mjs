import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startEmbeddedPostgres } from '../../libs/database/dist/embedded-postgres.js';
import { findStorage } from '../../libs/database/dist/embedded/storage-folder.js';

const PORT_LINE = 3;

/**
 * The database of the platform: by DATABASE_URL, or the embedded one, whether the platform runs at the moment or not.
 * @returns its URL, and how to leave it
 */
export async function openDatabase(environment) {
  if (environment.DATABASE_URL) return { url: environment.DATABASE_URL, close: async () => {} };
  const dataDir = join(resolve(environment.MAAS_DATA_DIR || '.data'), 'postgres');
  if (!existsSync(dataDir)) {
    throw new Error(
      `There is no database in ${dataDir} yet: start the platform once with \`npm start\`, or set DATABASE_URL.`,
    );
  }
  const running = urlOfRunning(dataDir);
  if (running !== undefined) return { url: running, close: async () => {} };
  const server = await startEmbeddedPostgres({ dataDir });
  return { url: server.url, close: () => server.stop() };
}

/** Where the server of a data folder listens, when a live process owns the folder. */
function urlOfRunning(dataDir) {
  try {
    const { pid } = JSON.parse(readFileSync(join(dataDir, 'postgres.lock'), 'utf8'));
    process.kill(pid, 0);
    const port = readFileSync(join(findStorage(dataDir).clusterDir, 'postmaster.pid'), 'utf8').split('\n')[PORT_LINE];
    const password = readFileSync(join(dataDir, 'postgres-password'), 'utf8').trim();
    return `postgresql://maas:${password}@127.0.0.1:${Number(port)}/maas`;
  } catch {
    return undefined;
  }
}
