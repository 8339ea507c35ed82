// @ts-check
import { setTimeout as delay } from 'node:timers/promises';
import { openStream } from '../load/bodies.mjs';
import { startSimulator } from '../targets/launches.mjs';
import { rotated } from './rotated.mjs';

/** @typedef {import('../targets/target.mjs').TargetName} TargetName */

/** Longer than a round, and shorter than the gateway waits between two pieces of an answer. */
const TOKEN_MS = 45_000;
const IDLE_MS = 1000;
/** Streams that are opened and dropped before, so that code and pools are there when it is measured. */
const WARM_UP_SHARE = 0.1;

/**
 * In bytes; all but the first after full garbage collections.
 * @typedef {object} Memory
 * @property {number} idleRss right after the start, as it is
 * @property {number} rssPerStream
 * @property {number} heapPerStream also external memory
 * @property {number} rssAfter when all streams are gone again
 */

/**
 * Measure d: what a process that was started afresh weighs, and what each open stream adds.
 * @param {import('../targets/stand.mjs').Stand} stand
 * @param {{ rounds: number; streams: number }} plan
 * @returns {Promise<Partial<Record<TargetName, Memory[]>>>}
 */
export async function memoryRounds(stand, { rounds, streams }) {
  requireOpenFiles(streams);
  const slow = await startSimulator(TOKEN_MS);
  /** @type {Partial<Record<TargetName, Memory[]>>} */
  const results = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const name of rotated(stand.proxies, round)) {
      const target = await stand.start(name, slow);
      (results[name] ??= []).push(await weigh(stand, target, streams));
      await target.process.stop();
    }
  }
  await slow.stop();
  return results;
}

/**
 * @param {import('../targets/stand.mjs').Stand} stand
 * @param {import('../targets/target.mjs').Target} target
 * @param {number} streams
 * @returns {Promise<Memory>}
 */
async function weigh(stand, target, streams) {
  const { generator } = stand;
  const load = { port: target.process.port, request: stand.request(target, openStream.body) };
  const warmUp = Math.ceil(streams * WARM_UP_SHARE);
  await delay(IDLE_MS);
  const idle = await target.process.sample();
  await generator.ask('holdStreams', { ...load, streams: warmUp });
  await generator.ask('dropStreams');
  const before = await target.process.collect();
  await generator.ask('holdStreams', { ...load, streams });
  const during = await target.process.collect();
  await generator.ask('dropStreams');
  const after = await target.process.collect();
  await stand.settle(target, warmUp + streams);
  return {
    idleRss: idle.rss,
    rssPerStream: (during.rss - before.rss) / streams,
    heapPerStream: (during.heapUsed + during.external - before.heapUsed - before.external) / streams,
    rssAfter: after.rss,
  };
}

/**
 * A stream is two connections of a proxy.
 * @param {number} streams
 */
function requireOpenFiles(streams) {
  const { userLimits } = /** @type {any} */ (process.report?.getReport() ?? {});
  const most = Number(userLimits?.open_files?.hard ?? Infinity);
  const needed = 2 * streams + 200;
  if (most < needed) throw new Error(`${streams} open streams need ${needed} open files; \`ulimit -n\` allows ${most}`);
}
