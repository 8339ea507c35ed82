import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { isAlive } from './embedded/process-identity.js';
import { postgresBinaries } from './embedded/postgres-binaries.js';
import { readPostmasterFile } from './embedded/postmaster-file.js';
import { serverAccount } from './embedded/server-account.js';
import { serverArguments } from './embedded/server-settings.js';
import {
  removeEmbeddedPostgres,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './embedded-postgres.js';

const OWNER = join(import.meta.dirname, '..', 'test', 'embedded-postgres-owner.mjs');

let dataDir: string;
let warnings: string[];
let running: EmbeddedPostgres[];

beforeEach(async () => {
  dataDir = await realpath(await mkdtemp(join(tmpdir(), 'maas-embedded-')));
  await chmod(dataDir, 0o711);
  warnings = [];
  running = [];
});

afterEach(async () => {
  for (const server of running) await server.stop('immediate');
  await removeEmbeddedPostgres(dataDir);
});

async function start(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  const warn = (message: string): void => void warnings.push(message);
  const server = await startEmbeddedPostgres({ dataDir, durable: false, warn, ...options });
  running.push(server);
  return server;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows.map((row) => Object.values(row)[0]);
  } finally {
    await client.end();
  }
}

/** Waits for what must come; a test that hopes in vain ends with Jest's own time limit. */
async function until<T>(probe: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (;;) {
    const found = await Promise.resolve()
      .then(probe)
      .catch(() => undefined);
    if (found !== undefined && found !== null && found !== false) return found;
    await delay(10);
  }
}

async function startOwner(): Promise<{ owner: ChildProcess; url: string; pid: number }> {
  const owner = spawn(process.execPath, [OWNER, dataDir], { stdio: ['pipe', 'pipe', 'ignore'] });
  const [line] = (await once(createInterface(owner.stdout), 'line')) as [string];
  return { owner, ...(JSON.parse(line) as { url: string; pid: number }) };
}

describe('startEmbeddedPostgres', () => {
  it('gives a UTF-8 database that sorts the same everywhere, listens on 127.0.0.1 only and wants a password', async () => {
    const { url, port } = await start({ durable: true });
    const settings = "SELECT current_setting('listen_addresses') || current_setting('unix_socket_directories')";
    expect(await query(url, settings)).toEqual(['127.0.0.1']);
    expect(await query(url, "SELECT current_setting('server_encoding') || current_setting('fsync')")).toEqual([
      'UTF8on',
    ]);
    expect(await query(url, "SELECT upper('ä') || ('Z' < 'a')")).toEqual(['Ätrue']);
    await expect(query(`postgresql://maas:wrong@127.0.0.1:${port}/maas`, 'SELECT 1')).rejects.toThrow('password');
    expect((await stat(join(dataDir, 'postgres-password'))).mode & 0o777).toBe(0o600);
  });

  it('keeps the data and the password over a restart, and takes the port that it is given', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    const second = await start({ port: first.port });
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([42]);
  });

  it('creates the database that is asked for', async () => {
    const { url } = await start({ database: 'other-name' });
    expect(await query(url, 'SELECT current_database()')).toEqual(['other-name']);
  });

  it('lets one process have the folder, and tells the next who has it and what to do', async () => {
    const { owner, url } = await startOwner();
    await expect(start()).rejects.toThrow(
      new RegExp(`${dataDir} is in use by process ${owner.pid}\\. Stop that process.*MAAS_DATA_DIR`),
    );
    expect(await query(url, 'SELECT 1')).toEqual([1]);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
  });

  it('says why the server did not start, with the end of its log', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const address = blocker.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(start({ port })).rejects.toThrow(/ended at once.*postgres\.log.*could not bind/s);
    blocker.close();
    await start();
  });
});

describe('after a violent end', () => {
  it('starts the server again on the same port when it was killed under us', async () => {
    const { url, pid } = await start({ durable: true });
    await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const session = new pg.Client(url);
    session.on('error', () => {});
    await session.connect();
    process.kill(pid, 'SIGKILL');
    await until(() => query(url, 'SELECT 1'));
    expect(await query(url, 'SELECT answer FROM kept')).toEqual([42]);
    expect(warnings[0]).toContain('ended unexpectedly');
    expect(running[0]?.pid).not.toBe(pid);
  });

  it('does not let the server outlive a process that was killed, and finds the data at the next start', async () => {
    const { owner, url, pid } = await startOwner();
    await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    owner.kill('SIGKILL');
    // Its descriptors are closed, which the server's guard sees, before it has ended.
    await Promise.all([once(owner, 'exit'), until(() => !isAlive(pid))]);
    const server = await start();
    expect(await query(server.url, 'SELECT answer FROM kept')).toEqual([42]);
  });

  it('starts at once after its process was killed, not only when the old server has ended', async () => {
    const { owner, pid } = await startOwner();
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    const server = await start();
    expect(isAlive(pid)).toBe(false);
    expect(await query(server.url, 'SELECT 1')).toEqual([1]);
  });

  it('replaces a server that was left running without anybody to guard it', async () => {
    const first = await start();
    await first.stop();
    const clusterDir = join(dataDir, 'cluster');
    const account = serverAccount(clusterDir);
    const { postgres } = await postgresBinaries(account, () => {});
    const settings = serverArguments(clusterDir, { port: first.port, durable: false });
    const leftover = spawn(postgres, settings, {
      ...account,
      cwd: '/',
      env: {},
      detached: true,
      stdio: 'ignore',
    });
    await until(() => readPostmasterFile(clusterDir)?.status === 'ready');
    const server = await start();
    expect(isAlive(leftover.pid ?? 0)).toBe(false);
    expect(await query(server.url, 'SELECT 1')).toEqual([1]);
  });

  it('is not stopped by a stale postmaster.pid, whose process id another program has now', async () => {
    const first = await start();
    const pidFile = join(dataDir, 'cluster', 'postmaster.pid');
    await copyFile(pidFile, `${pidFile}.stale`);
    await first.stop();
    const account = serverAccount(join(dataDir, 'cluster'));
    const bystander = spawn('sleep', ['60'], { ...account, cwd: '/' });
    const stale = (await readFile(`${pidFile}.stale`, 'utf8')).replace(/^\d+/, String(bystander.pid));
    await writeFile(pidFile, stale);
    const server = await start();
    expect(await query(server.url, 'SELECT 1')).toEqual([1]);
    expect(isAlive(bystander.pid ?? 0)).toBe(true);
    bystander.kill();
  });

  it('begins again where creating the database was cut off half-way', async () => {
    const partial = join(dataDir, 'cluster.partial-0');
    await mkdir(partial);
    await writeFile(join(partial, 'PG_VERSION'), '18\n');
    const server = await start();
    expect(await query(server.url, 'SELECT 1')).toEqual([1]);
    expect(existsSync(partial)).toBe(false);
  });
});

describe('in a folder that only we can enter', () => {
  it('starts, as root too, keeps the data, and says where they are', async () => {
    await chmod(dataDir, 0o700);
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const second = await start();
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([42]);
    const note = join(dataDir, 'postgres-data-is-elsewhere.txt');
    const folder = existsSync(note) ? (await readFile(note, 'utf8')).split('\n')[0] : dataDir;
    expect(existsSync(join(folder ?? '', 'cluster', 'PG_VERSION'))).toBe(true);
    await second.stop();
    await removeEmbeddedPostgres(dataDir);
    expect(existsSync(folder ?? '')).toBe(false);
  });
});
