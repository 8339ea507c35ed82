import { readEnvironment } from './config.js';
import { createSimulator } from './server.js';

/** How long answers that have begun may still run after a request to stop. */
const GRACE_MS = 5_000;

async function main(): Promise<void> {
  const { host, port, options } = readEnvironment();
  const simulator = createSimulator(options);
  const stop = async (graceMs: number): Promise<void> => {
    await simulator.close(graceMs);
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop(GRACE_MS));
  process.once('SIGINT', () => void stop(GRACE_MS));
  // The IPC channel closes with the parent, whatever ended it: nobody is left to answer.
  process.once('disconnect', () => void stop(0));

  const listening = { event: 'listening', url: await simulator.listen(port, host) };
  process.stdout.write(`${JSON.stringify(listening)}\n`);
  process.send?.(listening);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
