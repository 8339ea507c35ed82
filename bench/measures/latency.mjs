// @ts-check
import { small } from '../load/bodies.mjs';
import { quantile } from '../report/statistics.mjs';

/** @typedef {import('../targets/target.mjs').TargetName} TargetName */

/** Requests a second to each target: far below what any of them can take, so that nothing queues. */
export const RATE = 200;

/**
 * What a target adds to the simulator's own latency, in one round, in milliseconds.
 * @typedef {object} Added
 * @property {number} p50 its median minus the simulator's
 * @property {number} p99 its 99th percentile minus the simulator's
 * @property {number} paired the median of the differences between requests of the same turn
 */

/**
 * Measure b: single requests to all targets in turn, `rate` a second to each.
 * @param {import('../targets/stand.mjs').Stand} stand
 * @param {import('../targets/target.mjs').Target[]} targets the simulator itself is the first
 * @param {import('./busy.mjs').Expected} expected
 * @param {{ rounds: number; seconds: number; rate?: number }} plan
 * @returns {Promise<{ direct: { p50: number; p99: number }[]; added: Partial<Record<TargetName, Added[]>> }>}
 */
export async function latencyRounds(stand, targets, expected, { rounds, seconds, rate = RATE }) {
  const direct = [];
  /** @type {Partial<Record<TargetName, Added[]>>} */
  const added = {};
  for (let round = 0; round < rounds; round += 1) {
    /** @type {number[][]} */
    const [base = [], ...others] = await stand.generator.ask('interleaved', {
      targets: targets.map((target) => ({
        name: target.name,
        port: target.process.port,
        request: stand.request(target, small.body),
      })),
      expect: expected.small,
      rate: rate * targets.length,
      seconds,
    });
    direct.push({ p50: quantile(base, 0.5), p99: quantile(base, 0.99) });
    for (const [index, latencies] of others.entries()) {
      const target = targets[index + 1];
      if (!target) continue;
      await stand.settle(target, latencies.length, small.tokens);
      (added[target.name] ??= []).push(difference(latencies, base));
    }
  }
  return { direct, added };
}

/**
 * @param {number[]} latencies
 * @param {number[]} base
 * @returns {Added}
 */
function difference(latencies, base) {
  return {
    p50: quantile(latencies, 0.5) - quantile(base, 0.5),
    p99: quantile(latencies, 0.99) - quantile(base, 0.99),
    paired: quantile(
      latencies.map((latency, turn) => latency - (base[turn] ?? 0)),
      0.5,
    ),
  };
}
