import { type ChildProcess, spawn } from 'node:child_process';
import { Redis } from 'ioredis';
import { freePorts } from './free-ports.js';

const program = process.env['MAAS_TEST_REDIS'];
/** Whether there is a Redis to test with; `npm test` says so when there is none. */
export const hasRedis = program !== undefined;

/** A Redis of the test's own, without a disk. */
export interface RedisServer {
  readonly url: string;
  /** For the test's own questions. */
  readonly client: Redis;
  signal(name: NodeJS.Signals): void;
  /** `kill -9`; resolves when its connections are gone too. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty. */
  restart(): Promise<void>;
  /** Makes sure that it runs, whatever a failed test left. */
  revive(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRedis(): Promise<RedisServer> {
  const [port = 0] = await freePorts(1);
  const url = `redis://127.0.0.1:${port}`;
  let server = launch(port);
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  await client.connect().catch(() => undefined);
  await client.ping();
  const restart = async () => {
    await ended(server, 'SIGKILL');
    server = launch(port);
    await client.ping();
  };
  return {
    url,
    client,
    signal: (name) => server.kill(name),
    kill: () => ended(server, 'SIGKILL'),
    restart,
    revive: async () => {
      server.kill('SIGCONT');
      if (server.exitCode !== null || server.signalCode !== null) await restart();
    },
    stop: async () => {
      client.disconnect();
      server.kill('SIGCONT');
      await ended(server, 'SIGKILL');
    },
  };
}

function launch(port: number): ChildProcess {
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  return spawn(program ?? 'redis-server', options, { stdio: 'ignore' });
}

function ended(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    server.once('close', () => resolve());
    server.kill(signal);
  });
}
