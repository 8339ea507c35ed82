import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { get } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LoginResult } from '@maas/contracts/auth';
import type { SystemHealth } from '@maas/contracts/health';
import type { CreatedToken } from '@maas/contracts/tokens';
import { removeEmbeddedPostgres } from '@maas/database/embedded-postgres';
import { dropTestDatabase } from '@maas/database/test-database';
import { createSimulator, type Simulator } from '@maas/simulator/server';
import pg from 'pg';
import { atATime } from './cluster.js';
import { freePorts } from './free-ports.js';
import { PASSWORD } from './harness.js';
import {
  call,
  createEmptyDatabase,
  killAll,
  type MaasProcess,
  runMaas,
  startMaas,
  startMaasWithoutDatabase,
} from './process-maas.js';
import { eventually, openAnswer } from './streams.js';

let simulator: Simulator;
let databaseUrl: string;
let dataDir: string;
let database: pg.Client;

/** A machine that is busy with other suites is no store that is away, and no overload. */
const patient = { LIMITS_TIMEOUT: '10s', MAX_EVENT_LOOP_DELAY: '1h' };
const environment = (fields: Record<string, string> = {}) => ({
  ...patient,
  DATABASE_URL: databaseUrl,
  MAAS_DATA_DIR: dataDir,
  SIMULATOR_URL: simulator.url,
  ...fields,
});

beforeAll(async () => {
  simulator = createSimulator();
  await simulator.listen();
  databaseUrl = await createEmptyDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
  dataDir = mkdtempSync(join(tmpdir(), 'maas-workers-'));
  database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
});
afterAll(async () => {
  killAll();
  await database.end();
  await dropTestDatabase(databaseUrl);
  await simulator.close();
  await rm(dataDir, { recursive: true });
});

/** Asks on a connection of its own; connections go to one worker after the other. */
function fresh(maas: MaasProcess, path: string, token: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const options = { agent: false as const, headers: { authorization: `Bearer ${token}` } };
    get(`${maas.url}${path}`, options, (message) => {
      let text = '';
      message.on('data', (piece: Buffer) => (text += piece.toString()));
      message.once('error', reject);
      message.once('end', () => resolve({ status: message.statusCode ?? 0, text }));
    }).once('error', reject);
  });
}

/** The workers that answer; one whose database is slow on a busy machine may say so instead. */
async function workersOf(maas: MaasProcess, admin: string): Promise<number[]> {
  const answers = await atATime(8, 1, () => fresh(maas, '/maas-api/v1/admin/health', admin));
  const well = answers.filter(({ status }) => status === 200);
  return [...new Set(well.map(({ text }) => (JSON.parse(text) as SystemHealth).process.id))];
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const timesSaid = (maas: MaasProcess, text: string) => maas.output().split(text).length - 1;
const sum = async (query: string) => Number((await database.query<{ sum: string | null }>(query)).rows[0]?.sum ?? 0);

describe('two workers on one port', () => {
  let maas: MaasProcess;
  let admin: string;

  const member = async (name: string, requestsPerMinute: number | null) => {
    const change = async (path: string, body: object) => {
      const answer = await call(maas, `/maas-api/v1/admin${path}`, { token: admin, body });
      if (answer.status !== 201) throw new Error(answer.text);
    };
    const limits = { requestsPerMinute, tokensPerMinute: null };
    await change('/tiers', { name, displayName: name, level: 100, groups: [name], ...limits });
    await change('/models', { id: `of-${name}`, name, tiers: [name], backends: [{ url: simulator.url, upstreamModel: 'simulator' }] }); // prettier-ignore
    await change('/users', { username: name, password: PASSWORD, groups: [name] });
    const body = { username: name, password: PASSWORD };
    const { token: identity } = (await call<LoginResult>(maas, '/maas-api/v1/login', { body })).body;
    const minted = await call<CreatedToken>(maas, '/maas-api/v1/tokens', { method: 'POST', token: identity });
    const { token } = minted.body;
    const isKnown = async () => {
      const answers = await atATime(4, 1, () => fresh(maas, `/v1/models/of-${name}`, token));
      return answers.every(({ status }) => status === 200);
    };
    await eventually(isKnown, 'every worker knows them');
    return token;
  };
  const open = (name: string, token: string, fields: object) => {
    const messages = [{ role: 'user', content: 'Hello' }];
    return openAnswer(`${maas.url}/v1/chat/completions`, token, { model: `of-${name}`, messages, ...fields });
  };
  const ask = async (name: string, token: string) => {
    const answer = await open(name, token, { simulator: { tokens: 1 } });
    await answer.rest();
    return answer.message.statusCode;
  };

  beforeAll(async () => {
    maas = await startMaas(environment({ WEB_CONCURRENCY: '2' }));
    const body = { secret: maas.setupSecret, username: 'root', password: PASSWORD };
    admin = (await call<LoginResult>(maas, '/maas-api/v1/setup', { body })).body.token;
  });

  it('are greeted once, when both serve, and install once', async () => {
    expect([timesSaid(maas, 'MaaS is ready on'), timesSaid(maas, '/setup#')]).toEqual([1, 1]);
    await eventually(async () => (await workersOf(maas, admin)).length === 2, 'both answer');
    expect(await sum('SELECT count(*) AS sum FROM setup_link')).toBe(1);
    expect(await sum(`SELECT count(*) AS sum FROM audit_entry WHERE action = 'tier.create'`)).toBe(3);
  });

  it('let exactly as many in as the limit says, of 640 requests 64 at a time', async () => {
    const token = await member('limited', 100);
    const statuses = await atATime(640, 64, () => ask('limited', token));
    const count = (status: number) => statuses.filter((each) => each === status).length;
    expect([count(200), count(429)]).toEqual([100, 540]);
  });

  it('are replaced when they are killed, while the others answer', async () => {
    const token = await member('steady', null);
    let pids: number[] = [];
    await eventually(async () => (pids = await workersOf(maas, admin)).length === 2, 'both answer');
    const [killed = 0, survivor = 0] = pids;
    process.kill(killed, 'SIGKILL');
    await maas.wrote(new RegExp(`Worker ${killed} ended \\(SIGKILL\\)`));
    let asked = 0;
    await eventually(async () => {
      asked += 1;
      expect(await ask('steady', token)).toBe(200);
      return maas.output().includes('serves in its place');
    }, 'another one serves');
    expect(asked).toBeGreaterThan(0);
    let now: number[] = [];
    await eventually(async () => (now = await workersOf(maas, admin)).length === 2, 'both answer');
    expect(now).toContain(survivor);
    expect(now).not.toContain(killed);
    expect(await atATime(4, 1, () => ask('steady', token))).toEqual([200, 200, 200, 200]);
    // Whoever takes the place installs nothing again, and offers no further link.
    expect(await sum('SELECT count(*) AS sum FROM setup_link')).toBe(1);
  });

  it('finish what is under way at SIGTERM, end all with exit code 0, and lose no row', async () => {
    const token = await member('last', null);
    const pids = await workersOf(maas, admin);
    const short = await atATime(40, 8, () => ask('last', token));
    expect(short.every((status) => status === 200)).toBe(true);
    const streams = await atATime(6, 6, () =>
      open('last', token, { stream: true, simulator: { tokens: 20, token_ms: 50 } }),
    );
    // A service manager signals every process of ours.
    maas.signal('SIGTERM');
    for (const pid of pids) process.kill(pid, 'SIGTERM');
    for (const stream of streams) expect((await stream.rest()).trimEnd().endsWith('data: [DONE]')).toBe(true);
    expect((await maas.ended).code).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(await sum(`SELECT count(*) AS sum FROM usage_event WHERE model_id = 'of-last' AND status = 200`)).toBe(46);
    // Also none of the worker's that was killed: the journal had them.
    expect(await sum(`SELECT count(*) AS sum FROM usage_event WHERE model_id = 'of-limited'`)).toBe(100);
  });
});

describe('workers that cannot be', () => {
  it('are refused where each would count limits for itself, and where fewer are expected', async () => {
    const { code, stderr } = await runMaas(
      environment({ WEB_CONCURRENCY: '2', LIMITS: 'process', MAAS_MAX_PROCESSES: '1' }),
    );
    expect(code).toBe(1);
    expect(stderr).toContain('LIMITS is process, and WEB_CONCURRENCY starts 2 processes');
    expect(stderr).toContain('Set LIMITS=postgres');
    expect(stderr).toContain('MAAS_MAX_PROCESSES is less than the 2 processes');
  });

  it('end the start, and say why, where they cannot serve', async () => {
    // A file without a certificate.
    const fields = { UPSTREAM_CA_FILE: fileURLToPath(import.meta.url), WEB_CONCURRENCY: '2' };
    const { code, stderr } = await runMaas(environment(fields));
    expect(code).toBe(1);
    expect(stderr).toContain('UPSTREAM_CA_FILE holds no certificate');
    expect(stderr).toContain('The start has failed: a worker ended (exit code 1)');
  });
});

describe('two workers on the embedded database', () => {
  it('share it and its demo accounts, count limits in it, and end with it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'maas-workers-embedded-'));
    const settings = { ...patient, MAAS_DATA_DIR: folder, SIMULATOR_URL: simulator.url, MAAS_DEMO_PASSWORD: PASSWORD };
    const maas = await startMaas({ ...settings, WEB_CONCURRENCY: '2' });
    expect(timesSaid(maas, 'Password of each')).toBe(1);
    const login = async (username: string) =>
      (await call<LoginResult>(maas, '/maas-api/v1/login', { body: { username, password: PASSWORD } })).body.token;
    const identity = await login('free');
    const admin = await login('admin');
    const pids = await workersOf(maas, admin);
    const { token } = (await call<CreatedToken>(maas, '/maas-api/v1/tokens', { method: 'POST', token: identity })).body;
    const statuses = await atATime(20, 4, async () => {
      // Few enough tokens that requests alone are what the tier of 100 a minute limits.
      const body = { model: 'simulator', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 1 };
      const answer = await openAnswer(`${maas.url}/v1/chat/completions`, token, body);
      await answer.rest();
      return answer.message.statusCode;
    });
    expect(statuses.filter((status) => status === 200)).toHaveLength(5);
    const { body } = await call<SystemHealth>(maas, '/maas-api/v1/admin/health', { token: admin });
    expect(body.parts.limiter).toMatchObject({ kind: 'postgres', state: 'shared' });
    maas.signal('SIGTERM');
    expect((await maas.ended).code).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
    await removeEmbeddedPostgres(join(folder, 'postgres'));
    await rm(folder, { recursive: true });
  });
});

describe('two workers that start before their database', () => {
  it('wait for it together, and then install once and are greeted', async () => {
    const url = new URL(await createEmptyDatabase(process.env['MAAS_TEST_POSTGRES'] ?? ''));
    const direct = url.href;
    const [host, port] = [url.hostname, Number(url.port)];
    // The way to the database, which is closed at first.
    const way = createServer((client) => {
      const server = connect(port, host);
      client.pipe(server).pipe(client);
      for (const socket of [client, server]) socket.on('error', () => (client.destroy(), server.destroy()));
    });
    const [reserved = 0] = await freePorts(1);
    [url.hostname, url.port] = ['127.0.0.1', String(reserved)];
    const folder = mkdtempSync(join(tmpdir(), 'maas-workers-waiting-'));
    const fields = { DATABASE_URL: url.href, MAAS_DATA_DIR: folder, WEB_CONCURRENCY: '2' };
    const maas = await startMaasWithoutDatabase(environment(fields));
    expect(timesSaid(maas, 'MaaS listens on')).toBe(1);
    const answers = () => atATime(4, 1, () => fresh(maas, '/readyz', ''));
    expect((await answers()).map(({ status }) => status)).toEqual([503, 503, 503, 503]);
    await new Promise<void>((resolve) => way.listen(reserved, '127.0.0.1', resolve));
    await eventually(async () => (await answers()).every(({ status }) => status === 200), 'both are ready');
    await eventually(() => timesSaid(maas, 'MaaS is ready on') === 1, 'they are greeted');
    expect(timesSaid(maas, '/setup#')).toBe(1);
    maas.signal('SIGTERM');
    expect((await maas.ended).code).toBe(0);
    way.close();
    await dropTestDatabase(direct);
    await rm(folder, { recursive: true });
  });
});
