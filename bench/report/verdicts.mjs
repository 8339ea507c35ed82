// @ts-check
import { ratio, spread } from './statistics.mjs';
import { ranged } from './table.mjs';

/** @typedef {import('../measures/busy.mjs').Busy} Busy */
/** @typedef {import('../targets/target.mjs').TargetName} TargetName */

/** What is promised; `aims` is where it is to go. */
const promised = { ofBare: 0.6, ofPeer: 4, p50: 1 };
const aims = { ofBare: 0.85, ofPeer: 6, p50: 0.3, p99: 2, events: 0.8, streamKib: 20 };
const KIB = 1024;
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
 * @property {boolean} isAim it is where the figure is to go, and promised nowhere
 */

/**
 * Which targets were met, by the medians.
 * @param {Results} results
 * @returns {Verdict[]}
 */
export function verdicts({ throughput, latency, streams, memory, soak }) {
  const rates = (/** @type {TargetName} */ name) => throughput?.[name]?.map((round) => round.answersPerSecond);
  const events = (/** @type {TargetName} */ name) => streams?.[name]?.map((round) => round.eventsPerSecond);
  const p50 = latency?.added.gateway?.map((added) => added.p50);
  const p99 = latency?.added.gateway?.map((added) => added.p99);
  const each = memory?.gateway?.map(({ rssPerStream }) => rssPerStream / KIB);
  const fast = (/** @type {typeof promised} */ { ofBare, ofPeer, p50: most }) => [
    atLeast(`requests a second ≥ ${ofBare} of the bare proxy`, rates('gateway'), rates('bare'), ofBare),
    atLeast(`requests a second ≥ ${ofPeer} × Portkey`, rates('gateway'), rates('portkey'), ofPeer),
    atMost(`added latency ≤ ${most} ms at p50`, p50, most, 'ms'),
  ];
  const soaked = {
    target: 'no growth over ten minutes',
    met: soak?.grows === undefined ? undefined : !soak.grows,
    seen: soak ? soak.summary : `not measured: ${soakHint}`,
  };
  const farther = [
    ...fast(aims),
    atMost(`added latency ≤ ${aims.p99} ms at p99`, p99, aims.p99, 'ms'),
    atLeast(`streamed events ≥ ${aims.events} of the bare proxy`, events('gateway'), events('bare'), aims.events),
    atMost(`resident size ≤ ${aims.streamKib} KiB for each open stream`, each, aims.streamKib, 'KiB'),
  ];
  return [
    ...[...fast(promised), soaked].map((verdict) => ({ ...verdict, isAim: false })),
    ...farther.map((verdict) => ({ ...verdict, isAim: true })),
  ];
}

/**
 * @param {string} target
 * @param {number[] | undefined} values
 * @param {number} most
 * @param {string} unit
 */
function atMost(target, values, most, unit) {
  if (!values) return { target, met: undefined, seen: 'not measured' };
  const seen = spread(values);
  return { target, met: seen.median <= most, seen: `${ranged(seen, 2)} ${unit}${doubt(seen, most)}` };
}

/**
 * @param {string} target
 * @param {number[] | undefined} of
 * @param {number[] | undefined} to
 * @param {number} least
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
  for (const isAim of [false, true]) {
    console.log(isAim ? '\nAims' : '\nTargets');
    for (const { target, met, seen } of all.filter((verdict) => verdict.isAim === isAim)) {
      console.log(`  ${met === undefined ? '–     ' : met ? 'met   ' : 'MISSED'}  ${target}: ${seen}`);
    }
  }
}
