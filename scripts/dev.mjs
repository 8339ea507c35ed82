// `npm run dev`: as `npm start`, compiled again and restarted whenever a source changes; and the dashboard as it is being
// written on http://localhost:3000, which asks the server for everything else.
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const QUIET_MILLISECONDS = 300;

const compiler = spawn(join(root, 'node_modules/.bin/tsc'), ['-b', '--watch', '--preserveWatchOutput'], {
  stdio: 'inherit',
});
const dashboard = spawn(process.execPath, [join(root, 'node_modules/next/dist/bin/next'), 'dev', '--port', '3000'], {
  cwd: join(root, 'apps/web'),
  stdio: 'inherit',
  env: {
    ...process.env,
    NEXT_TELEMETRY_DISABLED: '1',
    MAAS_API_URL: process.env.MAAS_API_URL ?? `http://localhost:${process.env.PORT ?? 8080}`,
  },
});
let server = start();
let timer;
for (const folder of ['libs/contracts/dist', 'libs/database/dist', 'apps/api/dist', 'apps/simulator/dist']) {
  watch(join(root, folder), { recursive: true }, (_event, name) => {
    if (!name?.endsWith('.js')) return;
    clearTimeout(timer);
    timer = setTimeout(restart, QUIET_MILLISECONDS);
  });
}
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    compiler.kill();
    dashboard.kill();
    server.once('exit', () => process.exit(0));
    server.kill('SIGTERM');
  });
}

function start() {
  return spawn(process.execPath, [join(root, 'scripts/start.mjs')], { stdio: 'inherit' });
}

function restart() {
  server.removeAllListeners('exit');
  server.once('exit', () => (server = start()));
  server.kill('SIGTERM');
}
