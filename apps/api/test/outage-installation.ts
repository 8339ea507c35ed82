import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoginResult } from '@maas/contracts/auth';
import type { CreatedToken } from '@maas/contracts/tokens';
import { createSimulator, type Simulator } from '@maas/simulator/server';
import { PASSWORD } from './harness.js';
import { type OutagePostgres, startOutagePostgres } from './outage-postgres.js';
import {
  call,
  chat,
  createEmptyDatabase,
  killAll,
  type MaasProcess,
  startMaas,
  startMaasWithoutDatabase,
} from './process-maas.js';
import { eventually } from './streams.js';

/** Within which a process knows that its database is away, or is normal again when it is back, in milliseconds. */
export const RECOVERY = 15_000;

/** An installation whose database a test takes away. */
export class OutageInstallation {
  private readonly folders: string[] = [];

  private constructor(
    readonly postgres: OutagePostgres,
    readonly simulator: Simulator,
    readonly databaseUrl: string,
  ) {}

  static async create(): Promise<OutageInstallation> {
    const postgres = await startOutagePostgres();
    await postgres.start();
    const simulator = createSimulator();
    await simulator.listen();
    return new OutageInstallation(postgres, simulator, await createEmptyDatabase(postgres.adminUrl));
  }

  /** A data folder of its own. */
  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'maas-outage-'));
    this.folders.push(folder);
    return folder;
  }

  start(dataDir: string, fields: Record<string, string> = {}): Promise<MaasProcess> {
    return startMaas(this.environment(dataDir, fields));
  }

  /** While the database is away. */
  startWithoutDatabase(dataDir: string, fields: Record<string, string> = {}): Promise<MaasProcess> {
    return startMaasWithoutDatabase(this.environment(dataDir, fields));
  }

  private environment(dataDir: string, fields: Record<string, string>): Record<string, string> {
    return {
      DATABASE_URL: this.databaseUrl,
      MAAS_DATA_DIR: dataDir,
      SIMULATOR_URL: this.simulator.url,
      ...fields,
    };
  }

  async remove(): Promise<void> {
    killAll();
    await this.simulator.close();
    await this.postgres.remove();
    for (const folder of this.folders) await rm(folder, { recursive: true, force: true });
  }
}

/** Makes the first administrator, with the link that the process printed. @returns an identity token */
export async function setUp(maas: MaasProcess): Promise<string> {
  const [, secret] = /\/setup#(\S+)/.exec(maas.output()) ?? [];
  const body = { secret, username: 'root', password: PASSWORD };
  const made = await call<LoginResult>(maas, '/maas-api/v1/setup', { body });
  if (made.status !== 201) throw new Error(`no administrator: ${made.text}\n${maas.output()}`);
  return made.body.token;
}

export async function mint(maas: MaasProcess, identity: string): Promise<string> {
  const minted = await call<CreatedToken>(maas, '/maas-api/v1/tokens', { method: 'POST', token: identity });
  if (minted.status !== 201) throw new Error(`no token: ${minted.text}`);
  return minted.body.token;
}

export const administer = (maas: MaasProcess, token: string, path: string, method: string, body?: object) =>
  call(maas, `/maas-api/v1/admin${path}`, { token, method, ...(body ? { body } : {}) });

export const unlimited = { requestsPerMinute: null, tokensPerMinute: null, maxConcurrentRequests: null };

export const infer = (maas: MaasProcess, token: string) =>
  call<{ error?: { code: string } }>(maas, '/v1/chat/completions', { token, body: chat() });

export const readiness = async (maas: MaasProcess) => {
  const { status, body } = await call<{ status: string }>(maas, '/readyz');
  return `${status} ${body.status}`;
};

/** Resolves when the process is normal, or degraded, or says no. */
export const becomes = (maas: MaasProcess, state: string, milliseconds = RECOVERY) =>
  eventually(async () => (await readiness(maas)) === state, `/readyz says ${state}`, milliseconds);

export async function kill(maas: MaasProcess): Promise<void> {
  maas.signal('SIGKILL');
  await maas.ended;
}
