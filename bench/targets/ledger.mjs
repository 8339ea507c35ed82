// @ts-check
import { setTimeout as delay } from 'node:timers/promises';
import { ControlPlane } from './control-plane.mjs';

const POLL_MS = 50;
const LONGEST_WAIT_MS = 60_000;

/**
 * @typedef {object} Written
 * @property {number} requests
 * @property {number} completionTokens
 * @property {number} errors
 */

/** Compares what was sent through the gateway with what it wrote into its database. */
export class Ledger {
  #requests = 0;

  /** @param {import('./caller.mjs').Caller} caller */
  constructor(caller) {
    this.caller = caller;
  }

  /** What was written and compared so far. */
  get requests() {
    return this.#requests;
  }

  /**
   * Waits until the usage of a load is in the database, and checks it.
   * @param {number} port of the gateway
   * @param {number} requests that were sent since the last call
   * @param {number} [tokensEach] what each has produced; absent: not known, because clients went away
   * @returns {Promise<number>} milliseconds that it took
   * @throws {Error} when a request or a token is missing, or one is too many
   */
  async expect(port, requests, tokensEach) {
    const began = performance.now();
    const before = this.last;
    this.#requests += requests;
    let now = await this.#read(port);
    while (now.requests < this.#requests && performance.now() - began < LONGEST_WAIT_MS) {
      await delay(POLL_MS);
      now = await this.#read(port);
    }
    this.last = now;
    if (now.requests !== this.#requests)
      throw new Error(`${this.#requests} requests were sent, ${now.requests} written`);
    const tokens = now.completionTokens - before.completionTokens;
    if (tokensEach !== undefined && tokens !== requests * tokensEach) {
      throw new Error(`${requests * tokensEach} tokens were received, ${tokens} written`);
    }
    if (tokensEach !== undefined && now.errors !== before.errors) throw new Error('answers were recorded as errors');
    return performance.now() - began;
  }

  /** @type {Written} */
  last = { requests: 0, completionTokens: 0, errors: 0 };

  /**
   * @param {number} port
   * @returns {Promise<Written>}
   */
  async #read(port) {
    const { userId, adminToken } = this.caller;
    const report = await new ControlPlane(port, adminToken).call('GET', `/admin/usage?groupBy=user&user=${userId}`);
    return report.data[0] ?? { requests: 0, completionTokens: 0, errors: 0 };
  }
}
