import { Gathering } from './gathering.js';
import type { Installed } from './install.js';
import { RestartDelay } from './restart-delay.js';
import type { Role, SupervisorWord, WorkerWord } from './worker-words.js';

/** A process that serves; Node's `cluster.Worker` is one. */
export interface WorkerProcess {
  readonly process: { readonly pid?: number | undefined; kill(signal: NodeJS.Signals): boolean };
  send(word: SupervisorWord): boolean;
  on(event: 'message', listener: (word: WorkerWord) => void): unknown;
  on(event: 'exit', listener: (code: number | null, signal: string | null) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface SupervisorOptions {
  /** How many workers serve at once. */
  readonly count: number;
  readonly databaseUrl: string;
  readonly fork: () => WorkerProcess;
  readonly warn: (message: string) => void;
  readonly whenInstalled: (installed: Installed) => void;
  /** Milliseconds after which a worker that was told to stop is ended. */
  readonly patience: number;
}

/** A worker ended before all of them served; `message` is for the operator. */
export class StartFailed extends Error {}

/** The place of one worker at a time. */
interface Place {
  readonly index: number;
  readonly delay: RestartDelay;
  worker: WorkerProcess | undefined;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Starts the workers, one before the others, which finds or makes what they all need; replaces those that end; stops them
 * together.
 */
export class Supervisor {
  private readonly places: Place[];
  private readonly gathering = new Gathering<WorkerProcess>();
  private isInstalled = false;
  private isStarted = false;
  private isStopping = false;
  private isClean = true;
  private whenEmpty: (() => void) | undefined;
  private whenFailed: (error: StartFailed) => void = () => undefined;

  constructor(private readonly options: SupervisorOptions) {
    this.places = Array.from({ length: options.count }, (_, index) => ({
      index,
      delay: new RestartDelay(),
      worker: undefined,
      timer: undefined,
    }));
  }

  /**
   * @returns where they listen, once all of them serve
   * @throws StartFailed after all have ended, when one of them does so before that
   */
  async start(): Promise<string> {
    const failed = new Promise<never>((_, reject) => (this.whenFailed = reject));
    try {
      const [first, ...others] = this.places;
      const url = await Promise.race([first && this.launch(first), failed]);
      await Promise.race([Promise.all(others.map((place) => this.launch(place))), failed]);
      this.isStarted = true;
      return url ?? '';
    } catch (error) {
      await this.end('SIGKILL');
      throw error;
    }
  }

  /**
   * Lets all of them finish what is under way.
   * @returns whether every one of them ended well
   */
  async stop(): Promise<boolean> {
    const late = setTimeout(() => this.kill('SIGKILL'), this.options.patience);
    await this.end(undefined);
    clearTimeout(late);
    return this.isClean;
  }

  private async end(signal: NodeJS.Signals | undefined): Promise<void> {
    this.isStopping = true;
    const empty = new Promise<void>((resolve) => (this.whenEmpty = resolve));
    for (const { timer, worker } of this.places) {
      clearTimeout(timer);
      if (signal === undefined) worker?.send({ kind: 'stop' });
    }
    if (signal !== undefined) this.kill(signal);
    this.look();
    await empty;
  }

  private kill(signal: NodeJS.Signals): void {
    for (const { worker } of this.places) worker?.process.kill(signal);
  }

  /** @returns where it listens, once it does; a worker that never does leaves it open */
  private launch(place: Place): Promise<string> {
    const { fork, databaseUrl, warn, whenInstalled } = this.options;
    const began = performance.now();
    let worker: WorkerProcess;
    try {
      worker = fork();
    } catch (error) {
      // Without memory for it there is none that could tell.
      this.ended(place, String(error), false, 0);
      return new Promise(() => undefined);
    }
    place.worker = worker;
    const ended = (how: string, isWell: boolean) => {
      this.gathering.forget(worker);
      if (place.worker === worker) this.ended(place, how, isWell, performance.now() - began);
    };
    worker.on('exit', (code, signal) => ended(signal ?? `exit code ${code}`, code === 0));
    // One that could not be made has no end. What is sent to one that has just ended goes nowhere; its end is told.
    worker.on('error', (error) => worker.process.pid ?? ended(error.message, false));
    const role: Role = { leads: place.index === 0 && !this.isInstalled, isMigrated: this.isInstalled };
    if (worker.process.pid !== undefined) worker.send({ kind: 'start', databaseUrl, role });
    return new Promise((resolve) => {
      worker.on('message', (word) => {
        if (word.kind === 'serving') {
          if (this.isStarted) warn(`Worker ${worker.process.pid} serves in its place`);
          return resolve(word.url);
        }
        if (word.kind === 'gather') return this.gathering.begin(worker, word.id, this.running());
        if (word.kind === 'measured') return this.gathering.add(worker, word.round, word.text);
        this.isInstalled = true;
        whenInstalled(word.installed);
      });
    });
  }

  /** By their places. */
  private running(): ReadonlyMap<number, WorkerProcess> {
    return new Map(this.places.flatMap(({ index, worker }) => (worker ? [[index, worker]] : [])));
  }

  private ended(place: Place, how: string, isWell: boolean, lived: number): void {
    const pid = place.worker?.process.pid;
    place.worker = undefined;
    if (this.isStopping) {
      this.isClean &&= isWell;
      return this.look();
    }
    if (!this.isStarted) {
      return this.whenFailed(
        new StartFailed(`The start has failed: a worker ended (${how}) before it served; what it said is above`),
      );
    }
    const delay = place.delay.after(lived);
    this.options.warn(`Worker ${pid} ended (${how}); another one is started in ${delay / 1000} s`);
    place.timer = setTimeout(() => void this.launch(place), delay);
  }

  private look(): void {
    if (this.places.every(({ worker }) => worker === undefined)) this.whenEmpty?.();
  }
}
