// @ts-check
// S13: the faults of backends (B1 to B15) and clients (C1 to C11) are tests, by their ids; here they are run and counted.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const tests = 'apps/api/test';
const named = /\b([BC]\d+): /;
const wanted = [
  ...Array.from({ length: 15 }, (_, index) => `B${index + 1}`),
  ...Array.from({ length: 11 }, (_, index) => `C${index + 1}`),
];

const suites = readdirSync(join(root, tests)).filter(
  (name) => name.endsWith('.spec.ts') && named.test(readFileSync(join(root, tests, name), 'utf8')),
);
if (suites.length === 0) throw new Error('no test bears the id of a fault');
const folder = mkdtempSync(join(tmpdir(), 'maas-faults-'));
const file = join(folder, 'report.json');
const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
spawnSync(
  process.execPath,
  [
    ...jest,
    '--json',
    '--outputFile',
    file,
    '--testNamePattern',
    named.source,
    '--runTestsByPath',
    ...suites.map((name) => join(tests, name)),
  ],
  { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
);
/** @type {{ testResults: { assertionResults: { fullName: string; status: string }[] }[] }} */
const { testResults } = JSON.parse(readFileSync(file, 'utf8'));
rmSync(folder, { recursive: true });

const run = testResults
  .flatMap(({ assertionResults }) => assertionResults)
  .filter(({ status }) => status !== 'pending');
const passed = run.filter(({ status }) => status === 'passed');
const failed = run.filter(({ status }) => status !== 'passed').map(({ fullName }) => fullName);
const seen = new Set(run.map(({ fullName }) => named.exec(fullName)?.[1] ?? ''));
const missing = wanted.filter((id) => !seen.has(id));
const values = [
  {
    key: 'ids',
    value: wanted.length - missing.length,
    note: missing.length === 0 ? `${run.length} tests` : `without: ${missing.join(' ')}`,
  },
  {
    key: 'passed',
    value: run.length === 0 ? 0 : (100 * passed.length) / run.length,
    note: [`${passed.length} of ${run.length}`, ...failed.slice(0, 3)].join('; '),
  },
];
writeFileSync(process.env['SCORECARD_RESULT'] ?? '', JSON.stringify(values));
