// Generates the database client, compiles every workspace and exports the dashboard. `server` or `dashboard` as an argument
// builds that part alone.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules/.bin');

const part = process.argv[2];

if (part !== 'dashboard') buildServer();
if (part !== 'server') run('node', ['scripts/build-dashboard.mjs']);

function buildServer() {
  // The CLI would download its native schema engine, which generating does not need.
  run('prisma', ['generate'], { PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true', PRISMA_HIDE_UPDATE_MESSAGE: '1' });
  run('tsc', ['-b']);
}

function run(command, args, env = {}) {
  const { status, stdout, stderr } = spawnSync(join(bin, command), args, {
    cwd: root,
    env: { ...process.env, ...env, PATH: `${bin}:${process.env.PATH}` },
    encoding: 'utf8',
  });
  if (status === 0) return;
  process.stderr.write(`${stdout}${stderr}\n${command} failed\n`);
  process.exit(1);
}
