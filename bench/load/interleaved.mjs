// @ts-check
import { Connection } from './connection.mjs';
import { watchProgress } from './progress.mjs';
import { WholeAnswer } from './whole-answer.mjs';

/**
 * @typedef {object} Interleaved
 * @property {{ name: string; port: number; request: string }[]} targets
 * @property {import('./expectation.mjs').Expectation} expect
 * @property {number} rate requests a second, to all targets together
 * @property {number} seconds
 */

/**
 * Sends single requests at a fixed rate to the targets in turn, whether or not earlier ones are answered (an open loop:
 * a slow answer delays no later request). All targets are met in the same seconds by the same client, so what the client
 * and the machine add is the same for all; and each takes each place in the turn equally often.
 * @param {Interleaved} load
 * @returns {Promise<number[][]>} for each target the latencies in milliseconds, in the order of the turns
 */
export async function interleaved({ targets, expect, rate, seconds }) {
  const turns = Math.floor((rate * seconds) / targets.length);
  const lanes = targets.map((target) => new Lane(target, expect));
  let answers = 0;
  /** @type {(error: Error) => void} */
  let fail = () => {};
  const failed = new Promise((_, reject) => (fail = reject));
  failed.catch(() => {});
  const progress = watchProgress(
    () => answers,
    (error) => fail(new Error(`${lanes.find(({ open }) => open > 0)?.name}: ${error.message}`)),
  );
  const began = performance.now();
  /** @type {Promise<void>[]} */
  const sent = [];
  for (let turn = 0; turn < turns; turn += 1) {
    for (let place = 0; place < lanes.length; place += 1) {
      await Promise.race([until(began + ((turn * lanes.length + place) * 1000) / rate), failed]);
      const lane = lanes[(place + turn) % lanes.length];
      if (!lane) continue;
      const answered = lane.send(turn).then(() => void (answers += 1));
      answered.catch(fail);
      sent.push(answered);
    }
  }
  await Promise.race([Promise.all(sent), failed]).finally(() => {
    progress.stop();
    for (const lane of lanes) lane.close();
  });
  return lanes.map((lane) => lane.latencies);
}

/** @param {number} time of performance.now() */
function until(time) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));
}

/**
 * The connections to one target: the one that is idle for longest is taken, so that none is until its target closes it;
 * another is opened when there is none.
 */
class Lane {
  /** @type {number[]} */
  latencies = [];
  /** Requests that are not answered yet. */
  open = 0;
  /** @type {Connection[]} */
  #idle = [];
  /** @type {Set<Connection>} */
  #all = new Set();

  /**
   * @param {{ name: string; port: number; request: string }} target
   * @param {import('./expectation.mjs').Expectation} expect
   */
  constructor({ name, port, request }, expect) {
    this.name = name;
    this.port = port;
    this.request = Buffer.from(request);
    this.expect = expect;
  }

  /**
   * @param {number} turn
   * @returns {Promise<void>}
   */
  send(turn) {
    return new Promise((resolve, reject) => {
      const connection = this.#idle.shift() ?? new Connection(this.port, reject);
      this.#all.add(connection);
      let sent = 0;
      this.open += 1;
      const receiver = new WholeAnswer(this.expect, () => {
        this.latencies[turn] = performance.now() - sent;
        this.open -= 1;
        this.#idle.push(connection);
        resolve();
      });
      sent = performance.now();
      connection.send(this.request, receiver);
    });
  }

  close() {
    for (const connection of this.#all) connection.close();
  }
}
