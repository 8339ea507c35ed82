import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoginResult } from '@maas/contracts/auth';
import type { CreatedToken } from '@maas/contracts/tokens';
import { dropTestDatabase } from '@maas/database/test-database';
import { type FakeModel, startFakeModel } from './fake-model.js';
import { PASSWORD } from './harness.js';
import { type Answer, call, createEmptyDatabase, type MaasProcess, startMaas } from './process-maas.js';

/** Several processes on one database, as an operator runs them, with one model behind all of them. */
export interface Cluster {
  readonly processes: MaasProcess[];
  /** One of them; counted round and round. */
  at(index: number): MaasProcess;
  readonly backend: FakeModel;
  readonly databaseUrl: string;
  /** Kills one of them (`kill -9`) and starts another in its place. */
  replace(index: number): Promise<void>;
  /** The access token of somebody new, with limits of their own. */
  member(limits: object): Promise<string>;
  /** Asks one of the processes for a short answer. */
  ask(index: number, token: string, fields?: object): Promise<Answer<unknown>>;
  /** Reads something of the administration, from the first process. */
  admin<Body>(path: string): Promise<Answer<Body>>;
  stop(): Promise<void>;
}

export const administrator = { username: 'root', password: PASSWORD };

/** @param adminUrl the PostgreSQL in which they get a database of their own; that of the run unless said otherwise */
export async function startCluster(
  count: number,
  environment: Record<string, string>,
  adminUrl = process.env['MAAS_TEST_POSTGRES'] ?? '',
): Promise<Cluster> {
  const databaseUrl = await createEmptyDatabase(adminUrl);
  const dataDir = mkdtempSync(join(tmpdir(), 'maas-cluster-'));
  const backend = await startFakeModel();
  const settings = { DATABASE_URL: databaseUrl, MAAS_DATA_DIR: dataDir, DRAIN_TIMEOUT: '1s', ...environment };
  const first = await startMaas(settings);
  const others = await Promise.all(Array.from({ length: count - 1 }, () => startMaas(settings)));
  const processes = [first, ...others];
  const body = { secret: first.setupSecret, ...administrator };
  const admin = (await call<LoginResult>(first, '/maas-api/v1/setup', { body })).body.token;
  const change = async (path: string, body_: object) => {
    const answer = await call(first, `/maas-api/v1/admin${path}`, { token: admin, body: body_ });
    if (answer.status !== 201) throw new Error(`${path} was not made: ${answer.text}`);
  };
  let tiers = 0;
  const member = async (limits: object) => {
    const name = `tier-${(tiers += 1)}`;
    await change('/tiers', { name, displayName: name, level: 100 + tiers, groups: [name], ...limits });
    await change('/models', { id: `of-${name}`, name, tiers: [name], backends: [{ url: backend.url }] });
    await change('/users', { username: name, password: PASSWORD, groups: [name] });
    const login = await call<LoginResult>(first, '/maas-api/v1/login', {
      body: { username: name, password: PASSWORD },
    });
    const token = (await call<CreatedToken>(first, '/maas-api/v1/tokens', { method: 'POST', token: login.body.token }))
      .body.token;
    models.set(token, `of-${name}`);
    const head = (where: MaasProcess) => call(where, '/v1/chat/completions', { token, method: 'HEAD' });
    const knows = async (where: MaasProcess) => (await call(where, `/v1/models/of-${name}`, { token })).status === 200;
    for (const where of processes) while (!(await knows(where)) || (await head(where)).status !== 200) await later(20);
    return token;
  };
  const models = new Map<string, string>();
  const at = (index: number) => {
    const where = processes[index % processes.length];
    if (!where) throw new Error('no process is left');
    return where;
  };
  return {
    processes,
    at,
    backend,
    databaseUrl,
    replace: async (index) => {
      const old = processes[index];
      old?.signal('SIGKILL');
      await old?.ended;
      processes[index] = await startMaas(settings);
    },
    member,
    ask: (index, token, fields = {}) => {
      const messages = [{ role: 'user', content: 'Hello' }];
      const request = { model: models.get(token), messages, max_tokens: 10, ...fields };
      return call(at(index), '/v1/chat/completions', { token, body: request });
    },
    admin: (path) => call(first, `/maas-api/v1/admin${path}`, { token: admin }),
    stop: async () => {
      for (const each of processes) each.signal('SIGKILL');
      await Promise.all(processes.map(({ ended }) => ended));
      await backend.close();
      await dropTestDatabase(databaseUrl);
      await rm(dataDir, { recursive: true });
    },
  };
}

export const later = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Runs `count` pieces of work, `width` at a time. */
export async function atATime<Result>(
  count: number,
  width: number,
  work: (index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) results[index] = await work(index);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
