import { setTimeout as delay } from 'node:timers/promises';
import type { Warn } from './private-folder.js';
import type { ServerLaunch, ServerProcess } from './server-process.js';
import { startWithRetries } from './start-with-retries.js';
import { stopServer } from './stop-server.js';

const RESTART_DELAYS_MS = [0, 250, 1_000, 5_000, 15_000];

/** A server that is started again, on the same port, when it ends without being asked to. */
export class SupervisedServer {
  readonly #launch: ServerLaunch;
  readonly #durable: boolean;
  readonly #warn: Warn;
  #process: ServerProcess;
  #restarting: Promise<void> = Promise.resolve();
  #stopping = false;

  private constructor(launch: ServerLaunch, durable: boolean, warn: Warn, process: ServerProcess) {
    this.#launch = launch;
    this.#durable = durable;
    this.#warn = warn;
    this.#process = process;
    this.#watch();
  }

  static async start(
    launch: ServerLaunch,
    settings: { port: number | undefined; durable: boolean },
    warn: Warn,
  ): Promise<SupervisedServer> {
    return new SupervisedServer(launch, settings.durable, warn, await startWithRetries(launch, settings));
  }

  get port(): number {
    return this.#process.port;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Ends the server for good; see {@link stopServer} for the time it takes. */
  async stop(mode: 'fast' | 'immediate'): Promise<void> {
    this.#stopping = true;
    await this.#restarting;
    await stopServer(this.#process.pid, mode);
  }

  #watch(): void {
    void this.#process.exited.then(() => {
      if (!this.#stopping) this.#restarting = this.#restart();
    });
  }

  async #restart(): Promise<void> {
    this.#warn(`The embedded PostgreSQL ended unexpectedly; starting it again. Its log: ${this.#launch.log.path}`);
    for (const milliseconds of RESTART_DELAYS_MS) {
      await delay(milliseconds, undefined, { ref: false });
      if (this.#stopping) return;
      try {
        this.#process = await startWithRetries(this.#launch, { port: this.port, durable: this.#durable });
        this.#watch();
        return;
      } catch (error) {
        this.#warn(String(error));
      }
    }
    this.#warn('The embedded PostgreSQL could not be started again. Restart the process.');
  }
}
