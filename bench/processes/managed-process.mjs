// @ts-check
import { fork } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

const READY_MS = 60_000;
const STOP_MS = 15_000;
const KEPT_OUTPUT = 4000;
const probe = new URL('./probe.mjs', import.meta.url).href;

/** @type {Set<ManagedProcess>} */
const running = new Set();
let closed = false;

/**
 * @typedef {object} Launch
 * @property {string} name as errors call it
 * @property {string} module path of its main file
 * @property {string[]} [args]
 * @property {string[]} [nodeArgs]
 * @property {Record<string, string>} [env] besides what any program needs
 * @property {(process: ManagedProcess) => Promise<number>} ready resolves with the port it listens on
 */

/**
 * @typedef {object} Sample
 * @property {number} rss bytes
 * @property {number} heapUsed bytes
 * @property {number} external bytes
 * @property {number} cpuMicros CPU time since its start
 */

/** A Node process that the benchmark started, asks, and ends by its id. */
export class ManagedProcess {
  /** What it last wrote, for errors. */
  output = '';
  port = 0;
  /** @type {Map<number, { resolve: (answer: any) => void; reject: (error: Error) => void }>} */
  #open = new Map();
  #questions = 0;
  #ready = false;
  #stopping = false;
  /** @type {Promise<void>} */
  #exited;

  /** @param {Launch} launch */
  constructor(launch) {
    if (closed) throw new Error('the benchmark is ending');
    this.name = launch.name;
    this.child = fork(launch.module, launch.args ?? [], {
      execArgv: ['--expose-gc', '--import', probe, ...(launch.nodeArgs ?? [])],
      env: { ...inherited(), ...launch.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // In a group of its own, so that Ctrl-C is for us and we end everything in order.
      detached: true,
    });
    running.add(this);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => (this.output = (this.output + text).slice(-KEPT_OUTPUT)));
    }
    this.child.on('message', (message) => this.#take(message));
    this.#exited = new Promise((resolve) =>
      this.child.once('exit', (code, signal) => resolve(this.#end(code, signal))),
    );
  }

  /**
   * Starts a process and waits until it is ready.
   * @param {Launch} launch
   * @returns {Promise<ManagedProcess>}
   */
  static async start(launch) {
    const started = new ManagedProcess(launch);
    const late = delay(READY_MS, undefined, { ref: false }).then(() => {
      throw new Error(`${launch.name} was not ready after ${READY_MS / 1000} s:\n${started.output}`);
    });
    const ended = started.#exited.then(() => {
      throw new Error(`${launch.name} ended at once:\n${started.output}`);
    });
    started.port = await Promise.race([launch.ready(started), late, ended]);
    started.#ready = true;
    return started;
  }

  get pid() {
    return this.child.pid ?? 0;
  }

  /**
   * @param {string} question
   * @param {unknown} [argument]
   * @returns {Promise<any>}
   */
  ask(question, argument) {
    const id = (this.#questions += 1);
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve, reject });
      this.child.send({ question, id, argument }, (error) => error && reject(error));
    });
  }

  /** @returns {Promise<Sample>} */
  sample() {
    return this.ask('sample');
  }

  /**
   * After a full garbage collection.
   * @returns {Promise<Sample>}
   */
  collect() {
    return this.ask('collect');
  }

  /** Ends it: gracefully, or after a while by force. */
  async stop() {
    this.#stopping = true;
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    const force = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    await this.#exited;
    clearTimeout(force);
  }

  /** @param {any} message */
  #take(message) {
    const open = this.#open.get(message?.id);
    if (!open) return;
    this.#open.delete(message.id);
    if (message.error === undefined) open.resolve(message.answer);
    else open.reject(new Error(message.error));
  }

  /**
   * @param {number | null} code
   * @param {NodeJS.Signals | null} signal
   */
  #end(code, signal) {
    running.delete(this);
    const error = new Error(`${this.name} ended (${signal ?? code}):\n${this.output}`);
    for (const { reject } of this.#open.values()) reject(error);
    // While it starts, whoever waits for it says so.
    if (!this.#stopping && this.#ready) console.error(error.message);
  }
}

/** Ends all that was started; nothing is started any more. */
export async function stopAll() {
  closed = true;
  await Promise.all([...running].map((each) => each.stop()));
}

/** What a program needs of our environment; none of the settings that would change what is measured. */
function inherited() {
  const names = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'TMP', 'TEMP', 'SystemRoot', 'LD_LIBRARY_PATH'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
