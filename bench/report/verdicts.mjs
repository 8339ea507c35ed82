// @ts-check
import { ratio, spread } from './statistics.mjs';
import { ranged } from './table.mjs';

/** @typedef {import('../measures/busy.mjs').Busy} Busy */
/** @typedef {import('../targets/target.mjs').TargetName} TargetName */

const LEAST_OF_BARE = 0.6;
const LEAST_OF_PEER = 4;
const MOST_ADDED_MS = 1;
const soakHint = 'npm run bench -- --minutes 10';

/**
 * All that was measured.
 * @typedef {object} Results
 * @property {Partial<Record<TargetName, Busy[]>>} [throughput]
 * @property {Awaited<ReturnType<typeof import('../measures/latency.mjs').latencyRounds>>} [latency]
 * @property {Partial<Record<TargetName, Busy[]>>} [streams]
 * @property {Partial<Record<TargetName, import('../measures/memory.mjs').Memory[]>>} [memory]
 * @property {Partial<Record<TargetName, Busy[]>>} [paced]
 * @property {import('../measures/soak.mjs').Soak} [soak]
 */

/**
 * @typedef {object} Verdict
 * @property {string} target what was aimed at
 * @property {boolean | undefined} met undefined: not measured
 * @property {string} seen
 */

/**
 * Which targets were met, by the medians.
 * @param {Results} results
 * @returns {Verdict[]}
 */
export function verdicts({ throughput, latency, soak }) {
  const rates = (/** @type {TargetName} */ name) => throughput?.[name]?.map((round) => round.answersPerSecond);
  const added = latency?.added.gateway?.map(({ p50 }) => p50);
  return [
    atLeast(`requests a second ≥ ${LEAST_OF_BARE} of the bare proxy`, rates('gateway'), rates('bare'), LEAST_OF_BARE),
    atLeast(`requests a second ≥ ${LEAST_OF_PEER} × Portkey`, rates('gateway'), rates('portkey'), LEAST_OF_PEER),
    {
      target: `added latency ≤ ${MOST_ADDED_MS} ms at p50`,
      met: added && spread(added).median <= MOST_ADDED_MS,
      seen: added ? `${ranged(spread(added), 2)} ms${doubt(spread(added), MOST_ADDED_MS)}` : 'not measured',
    },
    {
      target: 'no growth over ten minutes',
      met: soak?.grows === undefined ? undefined : !soak.grows,
      seen: soak ? soak.summary : `not measured: ${soakHint}`,
    },
  ];
}

/**
 * @param {string} target
 * @param {number[] | undefined} of
 * @param {number[] | undefined} to
 * @param {number} least
 * @returns {Verdict}
 */
function atLeast(target, of, to, least) {
  if (!of || !to) return { target, met: undefined, seen: 'not measured' };
  const seen = ratio(of, to);
  return { target, met: seen.median >= least, seen: ranged(seen, 2) + doubt(seen, least) };
}

/**
 * @param {import('./statistics.mjs').Spread} spread
 * @param {number} aim
 */
function doubt({ min, max }, aim) {
  return min < aim && aim < max ? '; the rounds disagree' : '';
}

/** @param {Verdict[]} all */
export function printVerdicts(all) {
  console.log('\nTargets');
  for (const { target, met, seen } of all) {
    console.log(`  ${met === undefined ? '–     ' : met ? 'met   ' : 'MISSED'}  ${target}: ${seen}`);
  }
}
