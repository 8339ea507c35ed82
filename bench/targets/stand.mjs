// @ts-check
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCaller } from './caller.mjs';
import { addCrowd } from './crowd.mjs';
import { hasPortkey, startBareProxy, startGateway, startGenerator, startPortkey, startSimulator } from './launches.mjs';
import { Ledger } from './ledger.mjs';
import { wireRequest } from './target.mjs';

/** @typedef {import('../processes/managed-process.mjs').ManagedProcess} ManagedProcess */
/** @typedef {import('./target.mjs').Target} Target */
/** @typedef {import('./target.mjs').TargetName} TargetName */

/** All that is measured, and what measures it. */
export class Stand {
  #adminPassword = randomBytes(12).toString('hex');
  dataDir = mkdtempSync(join(tmpdir(), 'maas-bench-'));
  /** @type {readonly TargetName[]} */
  proxies = hasPortkey() ? ['bare', 'gateway', 'portkey'] : ['bare', 'gateway'];

  /**
   * @param {ManagedProcess} generator
   * @param {ManagedProcess} simulator at full speed
   * @param {Record<string, string>} settings of the gateway, besides
   * @param {boolean} isCrowded the gateway knows very many people, models and revoked tokens
   */
  constructor(generator, simulator, settings, isCrowded) {
    this.generator = generator;
    this.simulator = simulator;
    this.settings = settings;
    this.isCrowded = isCrowded;
  }

  /** Installs the gateway into a fresh database; the caller and the ledger are good for every later start of it. */
  async install() {
    const gateway = await this.#startGateway(this.simulator);
    this.caller = await createCaller(gateway.port, this.#adminPassword);
    this.ledger = new Ledger(this.caller);
    await gateway.stop();
    if (this.isCrowded) await addCrowd(this.dataDir, `http://127.0.0.1:${this.simulator.port}/v1`);
  }

  /**
   * @param {Record<string, string>} [settings] of the gateway, besides
   * @param {boolean} [isCrowded]
   */
  static async open(settings = {}, isCrowded = false) {
    const [generator, simulator] = await Promise.all([startGenerator(), startSimulator(0)]);
    return new Stand(generator, simulator, settings, isCrowded);
  }

  /**
   * Starts a proxy afresh.
   * @param {TargetName} name
   * @param {ManagedProcess} backend
   * @returns {Promise<Target>}
   */
  async start(name, backend) {
    if (name === 'bare') return { name, process: await startBareProxy(backend.port), headers: {} };
    if (name === 'gateway') {
      return { name, process: await this.#startGateway(backend), headers: {} };
    }
    if (name === 'portkey') {
      const headers = {
        'x-portkey-provider': 'openai',
        'x-portkey-custom-host': `http://127.0.0.1:${backend.port}/v1`,
      };
      return { name, process: await startPortkey(), headers };
    }
    return { name, process: backend, headers: {} };
  }

  /** @returns {Promise<Target[]>} the simulator itself and all proxies before it, one after the other */
  async startAll() {
    const targets = [await this.start('direct', this.simulator)];
    for (const name of this.proxies) targets.push(await this.start(name, this.simulator));
    return targets;
  }

  /**
   * @param {Target} target
   * @param {object} body
   */
  request(target, body) {
    return wireRequest(target, body, this.#installed().caller.accessToken);
  }

  /**
   * Has the ledger compare what was sent, when it was sent through the gateway.
   * @param {Target} target
   * @param {number} requests
   * @param {number} [tokensEach]
   * @returns {Promise<number>} milliseconds until all was in the database
   */
  async settle({ name, process }, requests, tokensEach) {
    return name === 'gateway' ? this.#installed().ledger.expect(process.port, requests, tokensEach) : 0;
  }

  /** Removes what was written; the processes have ended by then. */
  removeData() {
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** @param {ManagedProcess} backend */
  #startGateway(backend) {
    return startGateway(backend.port, this.dataDir, this.#adminPassword, this.settings);
  }

  #installed() {
    const { caller, ledger } = this;
    if (!caller || !ledger) throw new Error('the gateway is not installed yet');
    return { caller, ledger };
  }
}
