// @ts-check
import { parseArgs } from 'node:util';

/**
 * What is measured, and how long.
 * @typedef {object} Plan
 * @property {ReadonlySet<Measure>} measures
 * @property {number} rounds of each measure; every round visits all targets
 * @property {number} memoryRounds each starts every target afresh
 * @property {number} warmUpSeconds
 * @property {number} throughputSeconds for one target in one round
 * @property {number} latencySeconds for all targets together in one round
 * @property {number} streamSeconds for one target in one round
 * @property {number} pacedRounds
 * @property {number} openStreams
 * @property {number} soakMinutes 0: no soak
 * @property {boolean} isCrowded the gateway knows very many people, models and revoked tokens
 * @property {boolean} profile only profile the gateway, under the loads of a and c
 */

/** @typedef {'a' | 'b' | 'c' | 'd' | 'e'} Measure */

/** @type {readonly Measure[]} */
const all = ['a', 'b', 'c', 'd', 'e'];

export const usage = `npm run bench -- [options]
  --quick        about a minute, for a look
  --rounds N     rounds of each measure (default 5)
  --only a,b     a requests a second, b added latency, c streamed events, d memory, e events at a model's pace
  --streams N    open streams of measure d (default 1000)
  --crowd        with 10,000 people, 1,000 models and 100,000 revoked tokens in the gateway's memory
  --minutes N    instead: a soak of N minutes that watches the gateway's memory
  --profile      instead: CPU profiles of the gateway under loads a and c`;

const full = {
  rounds: 5,
  memoryRounds: 3,
  warmUpSeconds: 8,
  throughputSeconds: 4,
  latencySeconds: 8,
  streamSeconds: 3,
  pacedRounds: 3,
  openStreams: 1000,
};
const quick = {
  rounds: 2,
  memoryRounds: 1,
  warmUpSeconds: 1.5,
  throughputSeconds: 2,
  latencySeconds: 4,
  streamSeconds: 1,
  pacedRounds: 1,
  openStreams: 300,
};

/**
 * Reads the command line.
 * @param {string[]} args
 * @returns {Plan}
 * @throws {Error} that says what is wrong
 */
export function readPlan(args) {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: { type: 'string' },
      streams: { type: 'string' },
      minutes: { type: 'string' },
      crowd: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
    },
  });
  const base = values.quick ? quick : full;
  const rounds = count('rounds', values.rounds) ?? base.rounds;
  return {
    ...base,
    rounds,
    memoryRounds: Math.min(rounds, base.memoryRounds),
    pacedRounds: Math.min(rounds, base.pacedRounds),
    measures: new Set(values.only === undefined ? all : values.only.split(',').map(measureOf)),
    openStreams: count('streams', values.streams) ?? base.openStreams,
    soakMinutes: count('minutes', values.minutes) ?? 0,
    isCrowded: values.crowd,
    profile: values.profile,
  };
}

/**
 * @param {string} name
 * @param {string | undefined} text
 */
function count(name, text) {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`--${name} takes a whole number from 1, not ${text}`);
}

/**
 * @param {string} text
 * @returns {Measure}
 */
function measureOf(text) {
  const found = all.find((measure) => measure === text.trim().toLowerCase());
  if (found) return found;
  throw new Error(`--only takes ${all.join(', ')}, separated by commas, not ${text}`);
}
