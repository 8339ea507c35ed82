// @ts-check
import { setTimeout as delay } from 'node:timers/promises';
import { longStream, openStream, small } from '../load/bodies.mjs';
import { slope } from '../report/statistics.mjs';

const SAMPLE_MS = 10_000;
/** Left out: buffers, caches and the one-minute windows of the limits fill first. */
const FILLING_MS = 90_000;
/** Growth over the run, as a share of the mean, that is taken for noise. */
const NOISE = 0.05;
const SMALL_CONNECTIONS = 32;
const STREAM_CONNECTIONS = 4;
const DROPPED_STREAMS = 20;
const MIB = 1024 * 1024;

/**
 * @typedef {object} SoakSample
 * @property {number} second since the start
 * @property {number} rss MiB, as it is
 * @property {number} heap MiB, after a full garbage collection
 * @property {number} external MiB, after it
 */

/**
 * @typedef {object} Soak
 * @property {SoakSample[]} samples
 * @property {number} answers
 * @property {number} heapSlope MiB a minute
 * @property {number} rssSlope MiB a minute
 * @property {boolean | undefined} grows undefined: too short to tell
 * @property {number} settleMs until the last usage was in the database
 * @property {string} summary
 */

/**
 * Loads the gateway for minutes with whole answers, with streams, and with clients that leave in the middle of one, and
 * watches its memory.
 * @param {import('../targets/stand.mjs').Stand} stand
 * @param {import('../targets/target.mjs').Target} gateway
 * @param {import('./busy.mjs').Expected} expected
 * @param {number} minutes
 * @returns {Promise<Soak>}
 */
export async function soak(stand, gateway, expected, minutes) {
  const { generator } = stand;
  const { port } = gateway.process;
  const seconds = minutes * 60;
  const keepBusy = (/** @type {number} */ connections, /** @type {object} */ body, /** @type {object} */ expect) =>
    generator.ask('closedLoop', { port, request: stand.request(gateway, body), expect, connections, seconds });
  const loads = Promise.all([
    keepBusy(SMALL_CONNECTIONS, small.body, expected.small),
    keepBusy(STREAM_CONNECTIONS, longStream.body, expected.stream),
  ]);
  let over = false;
  const ended = loads.then(() => (over = true));
  const request = stand.request(gateway, openStream.body);
  /** @type {SoakSample[]} */
  const samples = [];
  const began = performance.now();
  let dropped = 0;
  for (;;) {
    await Promise.race([delay(SAMPLE_MS), ended]);
    if (over) break;
    await generator.ask('holdStreams', { port, request, streams: DROPPED_STREAMS });
    await generator.ask('dropStreams');
    dropped += DROPPED_STREAMS;
    samples.push(await sample(gateway, (performance.now() - began) / 1000));
  }
  const [whole, streamed] = await loads;
  const answers = whole.answers + streamed.answers + dropped;
  const settleMs = await stand.settle(gateway, answers);
  return { samples, answers, settleMs, ...judged(samples, minutes) };
}

/**
 * @param {import('../targets/target.mjs').Target} gateway
 * @param {number} second
 * @returns {Promise<SoakSample>}
 */
async function sample({ process }, second) {
  const { rss } = await process.sample();
  const { heapUsed, external } = await process.collect();
  const taken = { second: Math.round(second), rss: rss / MIB, heap: heapUsed / MIB, external: external / MIB };
  console.log(
    `  ${String(taken.second).padStart(5)} s   RSS ${taken.rss.toFixed(1)} MiB   heap ${taken.heap.toFixed(1)} MiB`,
  );
  return taken;
}

/**
 * @param {SoakSample[]} samples
 * @param {number} minutes
 */
function judged(samples, minutes) {
  const settled = samples.filter(({ second }) => second * 1000 >= FILLING_MS);
  const heap = growth(settled.map(({ second, heap: y }) => ({ x: second / 60, y })));
  const rss = growth(settled.map(({ second, rss: y }) => ({ x: second / 60, y })));
  const slopes = { heapSlope: heap.slope, rssSlope: rss.slope };
  if (settled.length < 6) {
    return { ...slopes, grows: undefined, summary: `too short to tell: ${minutes} min` };
  }
  const share = (/** @type {number} */ value) => `${(value * 100).toFixed(1)} %`;
  return {
    ...slopes,
    grows: heap.share > NOISE || rss.share > NOISE,
    summary:
      `heap ${heap.slope.toFixed(2)} MiB/min (${share(heap.share)} over the run), ` +
      `RSS ${rss.slope.toFixed(2)} MiB/min (${share(rss.share)}), ${minutes} min`,
  };
}

/**
 * @param {{ x: number; y: number }[]} points
 * @returns {{ slope: number; share: number }} the fitted growth from the first to the last point, as a share of the mean
 */
function growth(points) {
  const perMinute = slope(points);
  const span = (points.at(-1)?.x ?? 0) - (points[0]?.x ?? 0);
  const mean = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  return { slope: perMinute, share: (perMinute * span) / mean };
}
