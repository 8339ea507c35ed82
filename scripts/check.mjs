// `npm run check`: everything that can be said of the code without running it. Goes on after a failure, so that one run
// shows all there is to mend.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules/.bin');
const sources = ['apps/api/src', 'apps/simulator/src', 'libs/contracts/src', 'libs/database/src'];
const dashboard = ['apps/web/app', 'apps/web/components', 'apps/web/lib'];

const steps = [
  ['format', 'prettier', ['--check', '.', '--log-level', 'warn']],
  ['lint', 'oxlint', ['--type-aware', '--deny-warnings']],
  ['boundaries', 'depcruise', ['--config', '.dependency-cruiser.mjs', ...sources]],
  [
    'boundaries of the dashboard',
    'depcruise',
    ['--config', '.dependency-cruiser.mjs', '--ts-config', 'apps/web/tsconfig.json', ...dashboard],
  ],
  ['dead code', 'knip', []],
  ['types', 'tsc', ['-b']],
  ['types of tests', 'tsc', ['-p', 'tsconfig.test.json']],
  ['types of the dashboard', 'tsc', ['-p', 'apps/web']],
  ['OpenAPI document', 'node', ['scripts/openapi.mjs', '--check']],
  ['migrations', 'node', ['libs/database/dist/check-migrations.js']],
];

const failed = steps.filter(([name, command, args]) => {
  const started = Date.now();
  const { status, stdout, stderr } = spawnSync(join(bin, command), args, { cwd: root, encoding: 'utf8' });
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${String(name)} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  if (status !== 0) process.stdout.write(`${stdout}${stderr}\n`);
  return status !== 0;
});
if (failed.length > 0)
  console.error(`${failed.length} of ${steps.length} checks failed: ${failed.map(([name]) => name).join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);
