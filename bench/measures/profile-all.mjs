// @ts-check
import { plain, printTable } from '../report/table.mjs';
import { warmUp } from './busy.mjs';
import { profile } from './profile.mjs';

/** @typedef {import('./profile.mjs').Costs} Costs */

const SECONDS = 10;
const SHOWN_PACKAGES = 16;
const SHOWN_FUNCTIONS = 45;

/** @type {readonly { measure: import('../options.mjs').Measure; load: keyof typeof import('./busy.mjs').loads }[]} */
const profiled = [
  { measure: 'a', load: 'small' },
  { measure: 'c', load: 'stream' },
];

/**
 * Profiles the gateway under the loads of measures a and c, and beside it the bare proxy: what that spends, any proxy does.
 * @param {import('../targets/stand.mjs').Stand} stand
 * @param {import('./busy.mjs').Expected} expected
 * @param {import('../options.mjs').Plan} plan
 * @param {string} path of the profiles, without the end of their names
 */
export async function profileAll(stand, expected, plan, path) {
  const bare = await stand.start('bare', stand.simulator);
  const gateway = await stand.start('gateway', stand.simulator);
  await warmUp(stand, [bare, gateway], expected, 2 * plan.warmUpSeconds);
  for (const { measure, load } of profiled) {
    if (!plan.measures.has(measure)) continue;
    const to = (/** @type {string} */ name) => ({ seconds: SECONDS, path: `${path}-${name}-${load}.cpuprofile` });
    const ours = await profile(stand, gateway, load, expected, to('gateway'));
    print(load, ours, await profile(stand, bare, load, expected, to('bare')));
  }
  console.log(`\n${path}-*.cpuprofile`);
}

/**
 * @param {string} load
 * @param {Costs} ours
 * @param {Costs} bare
 */
function print(load, ours, bare) {
  const total = (/** @type {Costs} */ { packages }) => packages.reduce((sum, { micros }) => sum + micros, 0);
  const bareCost = new Map(bare.packages.map(({ name, micros }) => [name, micros]));
  const rows = ours.packages
    .slice(0, SHOWN_PACKAGES)
    .map(({ name, micros }) => [name, plain(micros, 1), plain(bareCost.get(name) ?? 0, 1)]);
  const sum = ['all', plain(total(ours), 1), plain(total(bare), 1)];
  printTable(`Load ${load}: self time, µs an answer`, ['', 'our gateway', 'bare proxy'], [...rows, sum]);
  const functions = ours.functions.slice(0, SHOWN_FUNCTIONS).map(({ name, micros }) => [name, plain(micros, 1)]);
  printTable(`Load ${load}: functions of our gateway`, ['', 'µs an answer'], functions);
}
