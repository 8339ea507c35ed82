import type { Config } from './config.js';
import type { Installed } from './installation/install.js';
import type { SupervisorWord, WorkerWord } from './installation/worker-words.js';
import { serve } from './serve.js';

/** Serves as one of several processes, for as long as the supervisor wishes. */
export async function work(config: Config): Promise<void> {
  const stopping = Promise.withResolvers<void>();
  const starting = Promise.withResolvers<Extract<SupervisorWord, { kind: 'start' }>>();
  process.on('message', (word: SupervisorWord) => {
    if (word.kind === 'start') starting.resolve(word);
    else if (word.kind === 'stop') stopping.resolve();
  });
  // A terminal and a service manager signal all processes, and the supervisor says it too: any of that, in whatever order and
  // number, is one wish to stop.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.resolve());
  const { databaseUrl, role } = await starting.promise;
  // Only who installs knows what to say of it.
  const whenInstalled = (installed: Installed) => role.leads && tell({ kind: 'installed', installed });
  const app = serve(config, databaseUrl, role, whenInstalled);
  void app.then(({ url }) => tell({ kind: 'serving', url }), () => undefined); // prettier-ignore
  await Promise.race([stopping.promise, app.then(() => stopping.promise)]);
  await (await app).close();
  process.exit(0);
}

function tell(word: WorkerWord): void {
  process.send?.(word);
}
