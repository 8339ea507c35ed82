// `npm test [-- jest's own arguments]`: runs every suite and ends with a line that says how many passed and failed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { provideRenderers, provideTools } from './test-tools.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const report = join(root, '.build/test-report.json');
mkdirSync(dirname(report), { recursive: true });
rmSync(report, { force: true });

const tools = provideTools();
const only = process.argv.slice(2);
// Who runs some suites while they work does not wait for a program that others need.
const renderers = provideRenderers(only.length === 0);
const missing = [...tools.missing, ...renderers.missing];
const { status } = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(root, 'node_modules/jest/bin/jest.js'),
    '--json',
    `--outputFile=${report}`,
    ...only,
  ],
  {
    cwd: root,
    env: { ...process.env, ...tools.environment, ...renderers.environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  },
);
if (!existsSync(report)) {
  console.error('Jest ended before it had run the tests');
  process.exit(1);
}
const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
if (missing.length > 0) console.log(`Left out, for want of ${missing.join(', ')}: the suites that need it`);
// A suite that could not even start is a failure too.
const failed = numFailedTests + numRuntimeErrorTestSuites;
console.log(`${numPassedTests} passed, ${failed} failed`);
process.exit(status === 0 && failed === 0 && numPassedTests > 0 ? 0 : 1);
