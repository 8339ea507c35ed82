// @ts-check
import { longStream, pacedStream, small } from '../load/bodies.mjs';
import { descendantsCpuMicros } from '../processes/descendants-cpu.mjs';

/** @typedef {import('../targets/stand.mjs').Stand} Stand */
/** @typedef {import('../targets/target.mjs').Target} Target */
/** @typedef {Awaited<ReturnType<typeof import('./expected-answers.mjs').expectedAnswers>>} Expected */

/**
 * What one target did in one round.
 * @typedef {object} Busy
 * @property {number} answers
 * @property {number} answersPerSecond
 * @property {number} eventsPerSecond
 * @property {number} p50 milliseconds, under this load
 * @property {number} p99 milliseconds
 * @property {number} cpuMicrosPerAnswer of the target's own process
 * @property {number | undefined} databaseMicrosPerAnswer of the gateway's embedded PostgreSQL
 * @property {number} generatorShare of one core
 * @property {number} settleMs until the usage of the load was in the database
 */

/** What keeps a target busy. */
export const loads = {
  small: { connections: 64, body: small.body, tokens: small.tokens },
  stream: { connections: 16, body: longStream.body, tokens: longStream.tokens },
  paced: { connections: 100, body: pacedStream.body, tokens: pacedStream.tokens },
};

/**
 * Keeps one target busy, and then waits until it has written what it has to write, so that it does not disturb the next.
 * @param {Stand} stand
 * @param {Target} target
 * @param {keyof typeof loads} load
 * @param {Expected} expected
 * @param {number} seconds
 * @returns {Promise<Busy>}
 */
export async function keepBusy(stand, target, load, expected, seconds) {
  const { connections, body, tokens } = loads[load];
  const before = await cpuOf(target);
  /** @type {import('../load/closed-loop.mjs').ClosedLoopResult} */
  const result = await stand.generator.ask('closedLoop', {
    port: target.process.port,
    request: stand.request(target, body),
    expect: expected[load],
    connections,
    seconds,
  }).catch((error) => { throw new Error(`${target.name}: ${error.message}`); }); // prettier-ignore
  const settleMs = await stand.settle(target, result.answers, tokens);
  const after = await cpuOf(target);
  return {
    answers: result.answers,
    answersPerSecond: result.answersPerSecond,
    eventsPerSecond: result.eventsPerSecond,
    p50: result.p50,
    p99: result.p99,
    cpuMicrosPerAnswer: (after.own - before.own) / result.answers,
    databaseMicrosPerAnswer:
      target.name !== 'gateway' || after.database === undefined || before.database === undefined
        ? undefined
        : (after.database - before.database) / result.answers,
    generatorShare: result.cpuShare,
    settleMs,
  };
}

/** @param {Target} target */
async function cpuOf({ process }) {
  return { own: (await process.sample()).cpuMicros, database: descendantsCpuMicros(process.pid) };
}

/**
 * Lets the compilers of all targets see the load before it is measured.
 * @param {Stand} stand
 * @param {Target[]} targets
 * @param {Expected} expected
 * @param {number} seconds
 */
export async function warmUp(stand, targets, expected, seconds) {
  for (const target of targets) {
    await keepBusy(stand, target, 'small', expected, seconds);
    await keepBusy(stand, target, 'stream', expected, seconds / 3);
  }
}
