import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { StartFailed, Supervisor, type WorkerProcess } from './supervisor.js';
import type { SupervisorWord, WorkerWord } from './worker-words.js';

/** A worker that does what it is told by the test. */
class FakeWorker extends EventEmitter implements WorkerProcess {
  readonly told: SupervisorWord[] = [];
  readonly signals: NodeJS.Signals[] = [];
  readonly process: WorkerProcess['process'];

  constructor(pid: number | undefined) {
    super();
    this.process = { pid, kill: (signal) => this.signals.push(signal) > 0 && this.end(null, signal) };
  }

  send(word: SupervisorWord): boolean {
    this.told.push(word);
    return true;
  }

  say(word: WorkerWord): void {
    this.emit('message', word);
  }

  end(code: number | null, signal: string | null = null): boolean {
    return this.emit('exit', code, signal);
  }

  get role() {
    const [first] = this.told;
    return first?.kind === 'start' ? first.role : undefined;
  }
}

const serving: WorkerWord = { kind: 'serving', url: 'http://127.0.0.1:1' };
const installed: WorkerWord = { kind: 'installed', installed: { demoPassword: undefined, setupSecret: 's' } };
const later = () => jest.advanceTimersByTimeAsync(0);

let workers: FakeWorker[];
let said: string[];
let isExhausted: boolean;
let noMemory: Error | undefined;
let secrets: (string | undefined)[];
let supervisor: Supervisor;
const worker = (index: number): FakeWorker => {
  const found = workers[index];
  if (!found) throw new Error(`worker ${index} was not started`);
  return found;
};

beforeEach(() => {
  jest.useFakeTimers();
  [workers, said, secrets, isExhausted, noMemory] = [[], [], [], false, undefined];
  supervisor = new Supervisor({
    count: 3,
    databaseUrl: 'postgres://h/d',
    fork: () => {
      if (noMemory) throw noMemory;
      const made = new FakeWorker(isExhausted ? undefined : 100 + workers.length);
      workers.push(made);
      return made;
    },
    warn: (message) => said.push(message),
    whenInstalled: ({ setupSecret }) => secrets.push(setupSecret),
    patience: 5000,
  });
});
afterEach(() => {
  jest.useRealTimers();
});

async function start(word: WorkerWord | null = installed): Promise<string> {
  const started = supervisor.start();
  if (word) worker(0).say(word);
  worker(0).say(serving);
  await later();
  for (const index of [1, 2]) worker(index).say(serving);
  return started;
}

describe('a supervisor', () => {
  it('starts one worker that installs, and the others once it serves', async () => {
    const started = supervisor.start();
    expect([workers.length, worker(0).role]).toEqual([1, { leads: true, isMigrated: false }]);
    worker(0).say(installed);
    worker(0).say(serving);
    await later();
    expect(workers.map(({ role }) => role?.leads)).toEqual([true, false, false]);
    expect([worker(1).role?.isMigrated, secrets]).toEqual([true, ['s']]);
    for (const index of [1, 2]) worker(index).say(serving);
    expect(await started).toBe('http://127.0.0.1:1');
  });

  it('gives up, and ends the others, when one ends before all serve', async () => {
    const started = supervisor.start().catch((error: unknown) => error);
    worker(0).say(serving);
    await later();
    worker(2).end(1);
    const error = await started;
    expect(error).toBeInstanceOf(StartFailed);
    expect(String(error)).toContain('exit code 1');
    expect(workers.map(({ signals }) => signals)).toEqual([['SIGKILL'], ['SIGKILL'], []]);
  });

  it('replaces who ends, and says so', async () => {
    await start();
    worker(1).end(null, 'SIGKILL');
    await jest.advanceTimersByTimeAsync(499);
    expect([workers.length, said]).toEqual([3, ['Worker 101 ended (SIGKILL); another one is started in 0.5 s']]);
    await jest.advanceTimersByTimeAsync(1);
    expect(worker(3).role).toEqual({ leads: false, isMigrated: true });
    worker(3).say(serving);
    expect(said.at(-1)).toBe('Worker 103 serves in its place');
  });

  it('replaces who could not even be made', async () => {
    await start();
    worker(1).end(0);
    isExhausted = true;
    await jest.advanceTimersByTimeAsync(500);
    worker(3).emit('error', new Error('spawn EAGAIN'));
    worker(3).emit('error', new Error('channel closed'));
    await jest.advanceTimersByTimeAsync(1000);
    expect(said.at(-1)).toContain('spawn EAGAIN');
    expect(workers).toHaveLength(5);
  });

  it('tries again where the system had no memory for one, and lives on', async () => {
    await start();
    worker(1).end(0);
    noMemory = new Error('spawn ENOMEM');
    await jest.advanceTimersByTimeAsync(500);
    expect(said.at(-1)).toContain('spawn ENOMEM');
    noMemory = undefined;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(workers).toHaveLength(4);
  });

  it('lets the next in the first place install, where the one before did not come to it', async () => {
    await start(null);
    worker(0).end(1);
    await jest.advanceTimersByTimeAsync(500);
    expect(worker(3).role).toEqual({ leads: true, isMigrated: false });
  });

  it('tells all to stop, waits for them, and replaces nobody any more', async () => {
    await start();
    worker(0).end(1);
    const stopped = supervisor.stop();
    for (const index of [1, 2]) {
      expect(worker(index).told.at(-1)).toEqual({ kind: 'stop' });
      worker(index).end(0);
    }
    expect(await stopped).toBe(true);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(workers).toHaveLength(3);
  });

  it('ends who does not stop in time, and says that it did not end well', async () => {
    await start();
    const stopped = supervisor.stop();
    for (const index of [0, 1]) worker(index).end(0);
    await jest.advanceTimersByTimeAsync(4999);
    expect(worker(2).signals).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect([worker(2).signals, await stopped]).toEqual([['SIGKILL'], false]);
  });
});
