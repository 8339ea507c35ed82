// @ts-check
import { keepBusy } from './busy.mjs';
import { rotated } from './rotated.mjs';

/** @typedef {import('./busy.mjs').Busy} Busy */
/** @typedef {import('../targets/target.mjs').TargetName} TargetName */

/**
 * Measures a and c: keeps each target busy in turn, for several rounds.
 * @param {import('../targets/stand.mjs').Stand} stand
 * @param {import('../targets/target.mjs').Target[]} targets
 * @param {keyof typeof import('./busy.mjs').loads} load
 * @param {import('./busy.mjs').Expected} expected
 * @param {{ rounds: number; seconds: number }} plan
 * @returns {Promise<Partial<Record<TargetName, Busy[]>>>} for each target one result a round
 */
export async function busyRounds(stand, targets, load, expected, { rounds, seconds }) {
  /** @type {Partial<Record<TargetName, Busy[]>>} */
  const results = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const target of rotated(targets, round)) {
      const result = await keepBusy(stand, target, load, expected, seconds);
      (results[target.name] ??= []).push(result);
    }
  }
  return results;
}
