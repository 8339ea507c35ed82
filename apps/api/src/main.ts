import cluster from 'node:cluster';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type EmbeddedPostgres, EmbeddedPostgresError, startEmbeddedPostgres } from '@maas/database/embedded-postgres';
import { type Config, ConfigError, readConfig } from './config.js';
import { PinoLogger } from './http/logger.js';
import { AddressUnusable, portInUse, requireAddresses } from './installation/address.js';
import { Greeting } from './installation/greeting.js';
import { MigrationFailed } from './installation/migrate-apart.js';
import { StartFailed, Supervisor } from './installation/supervisor.js';
import { CountedElsewhere } from './tiers/counting-claim.js';

/** Beyond the time for running requests: to write what is not written, and to end. */
const STOP_MILLISECONDS = 60_000;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  // What serves is loaded where it is needed: a supervisor stays small.
  if (cluster.isWorker) return (await import('./worker.js')).work(config);
  await requireAddresses(config);
  const database = await openDatabase(config);
  const stopDatabase = async () => database.stop?.();
  try {
    const say = (text: string) => process.stdout.write(text);
    const greeting = new Greeting(config.DATABASE_URL === undefined, config.MAAS_ROLE !== 'gateway', say);
    const { url, stop } = await (config.WEB_CONCURRENCY === 1 ? serveAlone : supervise)(config, database.url, greeting);
    // Before it says that it is ready: whoever reads that may end it at once.
    onSignal(async () => {
      const isClean = await stop();
      await stopDatabase();
      return isClean;
    });
    greeting.whenListening(config.PUBLIC_URL ?? url);
    if (database.folder !== undefined && !database.folder.startsWith(config.MAAS_DATA_DIR)) {
      process.stdout.write(`PostgreSQL cannot run as root, so the database is kept in ${database.folder}\n\n`);
    }
  } catch (error) {
    await stopDatabase();
    throw error;
  }
}

async function openDatabase(config: Config): Promise<Pick<EmbeddedPostgres, 'url'> & Partial<EmbeddedPostgres>> {
  if (config.DATABASE_URL !== undefined) return { url: config.DATABASE_URL };
  try {
    mkdirSync(config.MAAS_DATA_DIR, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`MAAS_DATA_DIR is ${config.MAAS_DATA_DIR}, which is no folder (${code}): set it to one`);
  }
  return startEmbeddedPostgres({ dataDir: join(config.MAAS_DATA_DIR, 'postgres') });
}

/** What runs, and how it ends: well or not. */
interface Running {
  readonly url: string;
  stop(): Promise<boolean>;
}

async function serveAlone(config: Config, databaseUrl: string, greeting: Greeting): Promise<Running> {
  const { serve } = await import('./serve.js');
  const role = { leads: true, isMigrated: false };
  const app = await serve(config, databaseUrl, role, (installed) => greeting.whenInstalled(installed));
  return { url: app.url, stop: () => app.close().then(() => true) };
}

async function supervise(config: Config, databaseUrl: string, greeting: Greeting): Promise<Running> {
  const logger = new PinoLogger(config.LOG_LEVEL);
  const supervisor = new Supervisor({
    count: config.WEB_CONCURRENCY,
    databaseUrl,
    fork: () => cluster.fork(),
    warn: (message) => logger.warn(message, 'Supervisor'),
    whenInstalled: (installed) => greeting.whenInstalled(installed),
    patience: config.DRAIN_DELAY + config.DRAIN_TIMEOUT + STOP_MILLISECONDS,
  });
  return { url: await supervisor.start(), stop: () => supervisor.stop() };
}

/** A terminal sends Ctrl-C to us and to whoever started us, who may pass it on: in this time it is one and the same. */
const SAME_SIGNAL_MILLISECONDS = 500;

/** The first signal ends gracefully, the second at once. */
function onSignal(stop: () => Promise<boolean>): void {
  let firstAt: number | undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      const now = performance.now();
      if (firstAt !== undefined) {
        if (now - firstAt > SAME_SIGNAL_MILLISECONDS) process.exit(1);
        return;
      }
      firstAt = now;
      stop().then(
        (isClean) => process.exit(isClean ? 0 : 1),
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
  const known = [ConfigError, AddressUnusable, EmbeddedPostgresError, MigrationFailed, CountedElsewhere, StartFailed];
  if (error instanceof Error && known.some((kind) => error instanceof kind)) return error.message;
  const { code, port } = error as { code?: string; port?: number };
  // Somebody took it since it was looked at.
  if (code === 'EADDRINUSE') return portInUse(port);
  return error;
}
