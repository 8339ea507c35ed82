// `npm run check`: everything that can be said of the code without running it, as many at once as there are cores. Goes on
// after a failure, so that one run shows all there is to mend.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules/.bin');
const sources = ['apps/api/src', 'apps/simulator/src', 'libs/contracts/src', 'libs/database/src'];
const dashboard = ['apps/web/app', 'apps/web/components', 'apps/web/lib'];

// What takes longest begins first.
const steps = [
  ['types of tests', 'tsc', ['-p', 'tsconfig.test.json']],
  ['lint', 'oxlint', ['--type-aware', '--deny-warnings']],
  ['format', 'prettier', ['--check', '.', '--log-level', 'warn']],
  ['types of the dashboard', 'tsc', ['-p', 'apps/web']],
  ['dead code', 'knip', []],
  ['boundaries', 'depcruise', ['--config', '.dependency-cruiser.mjs', ...sources]],
  [
    'boundaries of the dashboard',
    'depcruise',
    ['--config', '.dependency-cruiser.mjs', '--ts-config', 'apps/web/tsconfig.json', ...dashboard],
  ],
  ['types', 'tsc', ['-b']],
  ['OpenAPI document', 'node', ['scripts/openapi.mjs', '--check']],
  ['.env.example', 'node', ['scripts/env-example.mjs', '--check']],
  ['migrations', 'node', ['libs/database/dist/check-migrations.js']],
];

const waiting = [...steps];
const failed = [];
await Promise.all(Array.from({ length: availableParallelism() }, checkOneAfterTheOther));
if (failed.length > 0) console.error(`${failed.length} of ${steps.length} checks failed: ${failed.join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);

async function checkOneAfterTheOther() {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
    const [name, command, args] = step;
    const started = Date.now();
    const { status, output } = await run(command, args);
    console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${String(name)} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    if (status === 0) continue;
    process.stdout.write(`${output}\n`);
    failed.push(name);
  }
}

function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(join(bin, command), args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.once('error', (error) => resolve({ status: null, output: String(error) }));
    child.once('close', (status) => resolve({ status, output }));
  });
}
