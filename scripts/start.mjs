// `npm start`: the simulator and the API, as one. Ends both together, the API first, so that no answer breaks off.
import { fork, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import './use-env-file.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const simulatorUrl = process.env.SIMULATOR_URL ?? (await startSimulator());
// A smaller young generation than Node's own choice: some 25 MB less at rest. And no collection because nothing happens:
// decision 13 says what it costs.
const flags = ['--max-semi-space-size=8', '--no-memory-reducer'];
const api = spawn(process.execPath, [...flags, join(root, 'apps/api/dist/main.js')], {
  stdio: 'inherit',
  env: { ...process.env, SIMULATOR_URL: simulatorUrl },
});
// A terminal sends Ctrl-C to both of us, a supervisor to us alone; the API takes it for one signal.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => api.kill(signal));
api.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));

/**
 * In a process group of its own, so that Ctrl-C does not reach it; it ends when we do. One that ends by itself is started
 * again, where it was.
 */
function startSimulator(port = '0') {
  const simulator = fork(join(root, 'apps/simulator/dist/main.js'), {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, SIMULATOR_PORT: port === '0' ? (process.env.SIMULATOR_PORT ?? port) : port },
  });
  return new Promise((resolve) => {
    let listening;
    simulator.once('message', ({ url }) => resolve((listening = url)));
    simulator.once('exit', (code, signal) => {
      if (listening === undefined) process.exit(1);
      console.error(`The simulator ended (${signal ?? code}) and is started again`);
      setTimeout(() => void startSimulator(new URL(listening).port), 1000);
    });
  });
}
