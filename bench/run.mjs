// @ts-check
// `npm run bench`: what our gateway costs, beside the least that a proxy can do and beside a peer. See README.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { expectedAnswers } from './measures/expected-answers.mjs';
import { measureAll } from './measures/measure-all.mjs';
import { readPlan, usage } from './options.mjs';
import { stopAll } from './processes/managed-process.mjs';
import { printVerdicts, verdicts } from './report/verdicts.mjs';
import { installPeer } from './targets/install-peer.mjs';
import { Stand } from './targets/stand.mjs';

/** Load for each CPU above which the numbers of a run are in doubt. */
const BUSY_SHARE = 0.5;
const began = new Date();
const resultsFolder = fileURLToPath(new URL('./results/', import.meta.url));
const stamp = began.toISOString().replaceAll(':', '-').slice(0, 19);
const plan = planOf(process.argv.slice(2));
/** @type {Stand | undefined} */
let stand;
let ending = false;

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.once(signal, () => void end(130));

try {
  if (Number.parseInt(process.versions.node, 10) < 24)
    throw new Error('start it by `npm run bench`, which brings its Node');
  await main();
  await end(0);
} catch (error) {
  if (!ending) console.error(`\nThe benchmark failed: ${error instanceof Error ? error.message : String(error)}`);
  await end(1);
}

/** @param {string[]} args */
function planOf(args) {
  try {
    return readPlan(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return process.exit(2);
  }
}

async function main() {
  if (!installPeer()) console.log('The peer cannot be installed here; the rest is measured without it.');
  mkdirSync(resultsFolder, { recursive: true });
  const [load = 0] = loadavg();
  const machine = { node: process.version, cpus: availableParallelism(), model: cpus()[0]?.model ?? '', load };
  console.log(`Node ${machine.node}, ${machine.cpus} CPUs (${machine.model}), ${plan.rounds} rounds`);
  if (load > machine.cpus * BUSY_SHARE)
    console.log(`The machine is busy (load ${load.toFixed(1)}): trust "CPU of bare" most.`);
  stand = await Stand.open({}, plan.isCrowded);
  await stand.install();
  const expected = await expectedAnswers(stand.simulator.port);
  const results = await measureAll(stand, expected, plan, join(resultsFolder, stamp));
  const judged = verdicts(results);
  const file = join(resultsFolder, `${stamp}.json`);
  writeFileSync(
    file,
    JSON.stringify(
      { began, machine, plan: { ...plan, measures: [...plan.measures] }, results, verdicts: judged },
      null,
      2,
    ),
  );
  const seconds = Math.round((Date.now() - began.getTime()) / 1000);
  console.log(`\nEvery answer was checked; ${stand.ledger?.requests} requests, and as many usage rows written.`);
  console.log(`${seconds} s; all numbers: ${file}`);
  printVerdicts(judged);
}

/** @param {number} code */
async function end(code) {
  // What fails because we end it is no news.
  if (ending) return;
  ending = true;
  await stopAll();
  stand?.removeData();
  process.exit(code);
}
