import { type EmbeddedPostgres, EmbeddedPostgresError, startEmbeddedPostgres } from '@maas/database/embedded-postgres';
import { join } from 'node:path';
import { listen, prepareApp } from './app.js';
import { type Config, ConfigError, readConfig } from './config.js';
import type { Installed } from './installation/install.js';
import { MigrationFailed } from './installation/migrate-apart.js';
import { Startup } from './installation/startup.js';
import { waiting, welcome } from './installation/welcome.js';
import { NotAlone } from './tiers/sole-process.js';

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const database = await openDatabase(config);
  const stopDatabase = async () => database.stop?.();
  try {
    const startup = new Startup(config, database.url);
    await startup.migrate();
    const nest = await prepareApp(config, database.url);
    const listening = Promise.withResolvers<string>();
    const demo = config.DATABASE_URL === undefined;
    const greet = async (installed: Installed) => {
      process.stdout.write(welcome(await listening.promise, installed, demo));
    };
    const installed = await startup.begin(nest, (later) => void greet(later));
    const app = await listen(nest, config);
    const url = config.PUBLIC_URL ?? app.url;
    if (installed === undefined) process.stdout.write(waiting(url));
    listening.resolve(url);
    if (installed !== undefined) await greet(installed);
    if (database.folder !== undefined && !database.folder.startsWith(config.MAAS_DATA_DIR)) {
      process.stdout.write(`PostgreSQL cannot run as root, so the database is kept in ${database.folder}\n\n`);
    }
    onSignal(async () => {
      await app.close();
      await stopDatabase();
    });
  } catch (error) {
    await stopDatabase();
    throw error;
  }
}

async function openDatabase(config: Config): Promise<Pick<EmbeddedPostgres, 'url'> & Partial<EmbeddedPostgres>> {
  if (config.DATABASE_URL !== undefined) return { url: config.DATABASE_URL };
  return startEmbeddedPostgres({ dataDir: join(config.MAAS_DATA_DIR, 'postgres') });
}

/** The first signal ends gracefully, the second at once. */
function onSignal(stop: () => Promise<void>): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
    });
  }
}

main().catch((error: unknown) => {
  console.error(messageFor(error));
  process.exit(1);
});

/** What the operator has to do, where we know it; otherwise all that is known. */
function messageFor(error: unknown): unknown {
  const known = [ConfigError, EmbeddedPostgresError, MigrationFailed, NotAlone];
  if (error instanceof Error && known.some((kind) => error instanceof kind)) return error.message;
  const { code, port } = error as { code?: string; port?: number };
  if (code === 'EADDRINUSE') return `Port ${port} is in use by another program; stop it or set PORT to another one`;
  return error;
}
