// @ts-check
// `npm run scorecard`: how well the platform keeps its promises while things fail, measured. See README.md.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printTable } from '../bench/report/table.mjs';
import { startTestPostgres } from '../libs/database/dist/test-database.js';
import { provideTools } from '../scripts/test-tools.mjs';
import { readOptions, usage } from './options.mjs';
import { stopFigures, takeFigure } from './take-figure.mjs';
import { isAsAimed, verdicts } from './verdicts.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
/** Figures that a short run takes at a time: they mostly wait. */
const SHORT_WIDTH = 3;
const began = new Date();
const { isShort, chosen, seed } = optionsOf(process.argv.slice(2));
const stamp = began.toISOString().replaceAll(':', '-').slice(0, 19);
const folder = join(root, 'scorecard/results', stamp);
mkdirSync(folder, { recursive: true });

const { environment: tools } = provideTools(['faketime']);
const machine = {
  node: process.version,
  cpus: availableParallelism(),
  model: cpus()[0]?.model ?? '',
  load: loadavg()[0] ?? 0,
};
const commit =
  git('rev-parse', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ', changed');
console.log(`Node ${machine.node}, ${machine.cpus} CPUs (${machine.model}), load ${machine.load.toFixed(1)}`);
console.log(`Commit ${commit}; seed ${seed}; ${isShort ? 'in short' : 'as a whole: up to half an hour'}\n`);

const postgres = await startTestPostgres();
let isInterrupted = false;
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, () => {
    isInterrupted = true;
    stopFigures();
  });
}
/** @type {import('./take-figure.mjs').Taken[]} */
const taken = [];
const sized = chosen.flatMap((figure) => {
  const size = isShort ? figure.short : figure.full;
  return size ? [{ figure, size }] : [];
});
const omitted = chosen.filter((figure) => !sized.some((each) => each.figure === figure)).map(({ id }) => id);
const isAlone = (/** @type {import('./figures.mjs').Figure} */ { alone }) =>
  alone === 'always' || (alone === 'whole' && !isShort);
await takeAll(
  sized.filter(({ figure }) => !isAlone(figure)),
  isShort ? SHORT_WIDTH : 1,
);
await takeAll(
  sized.filter(({ figure }) => isAlone(figure)),
  1,
);
await postgres.stop();

const judged = verdicts(taken, omitted);
printTable(
  'Scorecard',
  ['id', 'figure', 'target', 'result', 'met', 'measured on'],
  judged.map(({ id, figure, target, result, met, note }) => [id, figure, target, result, met, note]),
  6,
);
const file = `${folder}.json`;
const seconds = Math.round((Date.now() - began.getTime()) / 1000);
writeFileSync(
  file,
  JSON.stringify({ began, seconds, commit, seed, isShort, machine, taken, verdicts: judged }, null, 2),
);
console.log(`\n${seconds} s; all numbers: ${file}`);
process.exit(!isInterrupted && isAsAimed(judged) ? 0 : 1);

/**
 * @param {{ figure: import('./figures.mjs').Figure; size: import('./figures.mjs').Size }[]} waiting
 * @param {number} width at a time
 */
async function takeAll(waiting, width) {
  const environment = { ...tools, MAAS_TEST_POSTGRES: postgres.adminUrl };
  const take = async () => {
    for (let next = waiting.shift(); next && !isInterrupted; next = waiting.shift()) {
      const result = await takeFigure(next.figure, next.size, { seed, folder, environment });
      taken.push(result);
      const size = JSON.stringify(next.size).replaceAll('"', '');
      console.log(`${result.id.padEnd(4)} ${String(result.seconds).padStart(4)} s  ${size}`);
      if (result.failure) console.log(result.failure.replaceAll(/^/gm, '     | '));
    }
  };
  await Promise.all(Array.from({ length: width }, take));
}

/** @param {string[]} args */
function optionsOf(args) {
  try {
    return readOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return process.exit(2);
  }
}

/** @param {string[]} args */
function git(...args) {
  const { stdout, status } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : 'unknown';
}
