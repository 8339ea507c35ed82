import { type App, listen, prepareApp } from './app.js';
import { allocateYoung, collectAfterStart, poolSparingly } from './garbage-collection.js';
import type { Config } from './config.js';
import type { Installed } from './installation/install.js';
import { Startup } from './installation/startup.js';
import type { Role } from './installation/worker-words.js';

/**
 * Serves in this process.
 * @param whenInstalled is told, perhaps later, that the database holds what it needs
 */
export async function serve(
  config: Config,
  databaseUrl: string,
  role: Role,
  whenInstalled: (installed: Installed) => void,
): Promise<App> {
  allocateYoung();
  poolSparingly();
  const startup = new Startup(config, databaseUrl, role);
  await startup.migrate();
  const nest = await prepareApp(config, databaseUrl);
  const installed = await startup.begin(nest, whenInstalled);
  if (installed !== undefined) whenInstalled(installed);
  collectAfterStart();
  return listen(nest, config);
}
