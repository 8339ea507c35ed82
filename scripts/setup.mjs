// Makes a checkout ready to run: installs what the lock file says and builds what has changed. Runs on the machine's own
// Node, before anything is installed; does nothing, fast, when all is there. A second one waits for the first.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingForPlatform } from './platform-packages.mjs';
import { lockSetup } from './setup-lock.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const oldest = [20, 19];

checkNode();
await lockSetup(join(root, '.build'));
once('install', digest(['package.json', 'package-lock.json', '.npmrc']), install, ['node_modules/.package-lock.json']);
once('build', digest(serverSources()), () => build('server'), [
  'apps/api/dist/main.js',
  'libs/database/src/generated/client.ts',
]);
once('dashboard', digest(dashboardSources()), () => build('dashboard'), ['apps/web/out/index.html']);

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  console.error(`Node ${oldest.join('.')} or newer is needed; this is ${process.versions.node}.`);
  process.exit(1);
}

/** Runs a step unless it has been done for the same input and its products are there. */
function once(name, input, step, products) {
  const stamp = join(root, '.build', name);
  const done = existsSync(stamp) && readFileSync(stamp, 'utf8') === input;
  if (done && products.every((product) => existsSync(join(root, product)))) return;
  rmSync(stamp, { force: true });
  step();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, input);
}

function install() {
  console.log('Installing the packages …');
  // As the lock file says, and without changing it. `npm ci` would refuse a lock file that was made where the binaries of
  // some other platform could not be had.
  npm('install', '--no-save', '--loglevel=error');
  const missing = missingForPlatform(join(root, 'node_modules'));
  if (missing.length > 0) npm('install', '--no-save', '--loglevel=error', ...missing);
}

function npm(...args) {
  const path = process.env.npm_execpath;
  if (path?.endsWith('.js')) run(process.execPath, [path, ...args]);
  else run('npm', args);
}

function build(part) {
  console.log(`Building the ${part} …`);
  run(join(root, 'node_modules/.bin/node'), [join(root, 'scripts/build.mjs'), part]);
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status === 0) return;
  console.error(error ? String(error) : `${command} ${args.join(' ')} failed`);
  process.exit(1);
}

function serverSources() {
  const roots = ['libs', 'apps'].flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)));
  const files = roots.flatMap((folder) =>
    folder === join('apps', 'web')
      ? []
      : [join(folder, 'src'), join(folder, 'tsconfig.json'), join(folder, 'package.json')],
  );
  return ['tsconfig.base.json', 'prisma', ...files].flatMap(filesBelow);
}

/** The dashboard holds what it uses of the contracts. */
function dashboardSources() {
  const others = new Set(['node_modules', '.next', 'out', 'next-env.d.ts', 'test']);
  const files = readdirSync(join(root, 'apps/web')).filter((name) => !others.has(name));
  return ['tsconfig.base.json', 'libs/contracts/src', 'scripts/build-dashboard.mjs']
    .concat(files.sort().map((name) => join('apps/web', name)))
    .flatMap(filesBelow);
}

function filesBelow(path) {
  const full = join(root, path);
  if (!existsSync(full) || path.endsWith('generated')) return [];
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

/** By content: a fresh clone or a switched branch has other times for the same files. */
function digest(paths) {
  const hash = createHash('sha256');
  for (const path of paths)
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  return hash.digest('hex');
}
