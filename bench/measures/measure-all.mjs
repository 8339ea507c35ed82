// @ts-check
import { longStream } from '../load/bodies.mjs';
import { printBusy, printLatency, printMemory, printPaced } from '../report/tables.mjs';
import { loads, warmUp } from './busy.mjs';
import { latencyRounds, RATE } from './latency.mjs';
import { memoryRounds } from './memory.mjs';
import { profileAll } from './profile-all.mjs';
import { busyRounds } from './rounds.mjs';
import { soak } from './soak.mjs';

/** @typedef {import('../targets/stand.mjs').Stand} Stand */
/** @typedef {import('./busy.mjs').Expected} Expected */
/** @typedef {import('../options.mjs').Plan} Plan */
/** @typedef {import('../options.mjs').Measure} Measure */

/**
 * Measures what the plan says, and prints it as it comes.
 * @param {Stand} stand
 * @param {Expected} expected
 * @param {Plan} plan
 * @param {string} profilePath where profiles go, without the end of their names
 * @returns {Promise<import('../report/verdicts.mjs').Results>}
 */
export async function measureAll(stand, expected, plan, profilePath) {
  if (plan.profile) {
    await profileAll(stand, expected, plan, profilePath);
    return {};
  }
  if (plan.soakMinutes > 0) return measureSoak(stand, expected, plan);
  const { measures, rounds } = plan;
  /** @type {import('../report/verdicts.mjs').Results} */
  const results = {};
  // First, because each of its rounds starts the targets afresh.
  if (measures.has('d')) {
    results.memory = await memoryRounds(stand, { rounds: plan.memoryRounds, streams: plan.openStreams });
  }
  const targets = ['a', 'b', 'c', 'e'].some((measure) => measures.has(/** @type {Measure} */ (measure)))
    ? await stand.startAll()
    : [];
  await warmUp(stand, targets, expected, plan.warmUpSeconds);
  if (measures.has('b')) {
    results.latency = await latencyRounds(stand, targets, expected, { rounds, seconds: plan.latencySeconds });
  }
  if (measures.has('c')) {
    results.streams = await busyRounds(stand, targets, 'stream', expected, { rounds, seconds: plan.streamSeconds });
  }
  if (measures.has('a')) {
    results.throughput = await busyRounds(stand, targets, 'small', expected, {
      rounds,
      seconds: plan.throughputSeconds,
    });
  }
  if (measures.has('e')) {
    const withoutPeer = targets.filter(({ name }) => name !== 'portkey');
    results.paced = await busyRounds(stand, withoutPeer, 'paced', expected, {
      rounds: plan.pacedRounds,
      seconds: plan.streamSeconds,
    });
  }
  /** @type {Partial<Record<import('../targets/target.mjs').TargetName, number>>} */
  const rssAfterLoad = {};
  for (const { name, process } of targets) rssAfterLoad[name] = (await process.sample()).rss;
  print(results, plan, expected, rssAfterLoad);
  return results;
}

/**
 * @param {import('../report/verdicts.mjs').Results} results
 * @param {Plan} plan
 * @param {Expected} expected
 * @param {Partial<Record<import('../targets/target.mjs').TargetName, number>>} rssAfterLoad
 */
function print({ throughput, latency, streams, memory, paced }, plan, expected, rssAfterLoad) {
  if (throughput) {
    const title = `a. Whole answers of ${expected.smallBytes} bytes, ${loads.small.connections} connections`;
    printBusy(title, 'requests', throughput, 'answersPerSecond');
  }
  if (latency) {
    printLatency(`b. Latency at ${RATE} requests a second to each target, in turn`, latency);
  }
  if (streams) {
    const title = `c. ${loads.stream.connections} streams at once, of ${longStream.tokens} tokens each, without a pace`;
    printBusy(title, 'events', streams, 'eventsPerSecond');
  }
  if (paced) {
    const title = `e. ${loads.paced.connections} streams at once, each of ${loads.paced.tokens} tokens in a second`;
    printPaced(title, expected.paced.events, paced);
  }
  if (memory) printMemory(`d. Memory, ${plan.openStreams} open streams`, memory, rssAfterLoad);
}

/**
 * @param {Stand} stand
 * @param {Expected} expected
 * @param {Plan} plan
 */
async function measureSoak(stand, expected, plan) {
  const gateway = await stand.start('gateway', stand.simulator);
  await warmUp(stand, [gateway], expected, plan.warmUpSeconds);
  console.log(`\nSoak of ${plan.soakMinutes} minutes`);
  return { soak: await soak(stand, gateway, expected, plan.soakMinutes) };
}
