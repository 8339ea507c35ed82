// `npm start`: the simulator and the API, as one. Ends both together, the API first, so that no answer breaks off.
import { fork, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const simulatorUrl = process.env.SIMULATOR_URL ?? (await startSimulator());
// A smaller young generation than Node's own choice: some 25 MB less at rest.
const api = spawn(process.execPath, ['--max-semi-space-size=8', join(root, 'apps/api/dist/main.js')], {
  stdio: 'inherit',
  env: { ...process.env, SIMULATOR_URL: simulatorUrl },
});
// A terminal sends Ctrl-C to both of us; a supervisor sends SIGTERM to us alone.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => api.kill('SIGTERM'));
api.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));

/** In a process group of its own, so that Ctrl-C does not reach it; it ends when we do. */
function startSimulator() {
  const simulator = fork(join(root, 'apps/simulator/dist/main.js'), {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { SIMULATOR_PORT: '0', ...process.env },
  });
  return new Promise((resolve, reject) => {
    simulator.once('message', ({ url }) => resolve(url));
    simulator.once('exit', (code) => reject(new Error(`the simulator ended with ${code}`)));
  });
}
