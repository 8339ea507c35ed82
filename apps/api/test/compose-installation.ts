import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSimulator, type Simulator } from '@maas/simulator/server';
import { generateSigningKey } from '../src/auth/signing-keys.js';
import { ComposeBalancer } from './compose-balancer.js';
import { freePorts } from './free-ports.js';
import { type OutagePostgres, startOutagePostgres } from './outage-postgres.js';
import { createEmptyDatabase, killAll, type MaasProcess, startMaas } from './process-maas.js';
import { type RedisServer, startRedis } from './redis-server.js';
import { eventually } from './streams.js';

export type Part = 'gateway-1' | 'gateway-2' | 'api';

/** What docker-compose.yml starts, as processes on loopback: each part can be killed and started again where it was. */
export class ComposeInstallation {
  private readonly processes = new Map<Part, MaasProcess>();

  private constructor(
    readonly postgres: OutagePostgres,
    readonly redis: RedisServer,
    readonly simulator: Simulator,
    readonly databaseUrl: string,
    readonly balancer: ComposeBalancer,
    private readonly folder: string,
    private readonly ports: Readonly<Record<Part, number>>,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  static async start(): Promise<ComposeInstallation> {
    const [postgres, redis] = await Promise.all([startOutagePostgres(), startRedis()]);
    await postgres.start();
    const databaseUrl = await createEmptyDatabase(postgres.adminUrl);
    const simulator = createSimulator();
    await simulator.listen();
    const folder = mkdtempSync(join(tmpdir(), 'maas-compose-'));
    const [first = 0, second = 0, third = 0] = await freePorts(3);
    const ports = { 'gateway-1': first, 'gateway-2': second, api: third };
    const at = (part: Part) => `http://127.0.0.1:${ports[part]}`;
    const balancer = await ComposeBalancer.configure(folder, [at('gateway-1'), at('gateway-2')], at('api'));
    const keys = join(folder, 'signing-keys.json');
    writeFileSync(keys, JSON.stringify({ keys: [await generateSigningKey()] }));
    const made = new ComposeInstallation(postgres, redis, simulator, databaseUrl, balancer, folder, ports, {
      DATABASE_URL: databaseUrl,
      REDIS_URL: redis.url,
      SIGNING_KEYS_FILE: keys,
      ENCRYPTION_KEY: `first:${randomBytes(32).toString('base64')}`,
      PUBLIC_URL: balancer.url,
      TRUST_PROXY: '127.0.0.1/32',
      MAAS_MAX_PROCESSES: '4',
      // A machine that is busy with other suites is no Redis that is away; one that is killed is known at once.
      LIMITS_TIMEOUT: '10s',
    });
    await made.launch('api');
    await Promise.all([made.launch('gateway-1'), made.launch('gateway-2')]);
    balancer.start();
    await made.serves();
    return made;
  }

  get front(): { readonly url: string } {
    return this.balancer;
  }

  part(part: Part): MaasProcess {
    const found = this.processes.get(part);
    if (!found) throw new Error(`${part} does not run`);
    return found;
  }

  /** Starts a part where it was, on the data that it left. */
  async launch(part: Part): Promise<void> {
    const dataDir = join(this.folder, part);
    mkdirSync(dataDir, { recursive: true });
    const role = part === 'api' ? { MAAS_ROLE: 'api', SIMULATOR_URL: this.simulator.url } : { MAAS_ROLE: 'gateway' };
    const own = { PORT: String(this.ports[part]), MAAS_DATA_DIR: dataDir };
    const started = await startMaas({ ...this.settings, ...own, ...role });
    // It says where people find it; a test wants this one.
    this.processes.set(part, { ...started, url: `http://127.0.0.1:${own.PORT}` });
  }

  /** `kill -9`. */
  async kill(part: Part): Promise<void> {
    const { signal, ended } = this.part(part);
    signal('SIGKILL');
    await ended;
  }

  /** Makes sure that all of it runs, whatever a failed test left. */
  async revive(): Promise<void> {
    await Promise.all([this.postgres.start(), this.redis.revive()]);
    for (const part of this.processes.keys()) if (!this.isRunning(part)) await this.launch(part);
    this.balancer.start();
    await this.serves();
  }

  private isRunning(part: Part): boolean {
    try {
      return process.kill(this.part(part).pid, 0);
    } catch {
      return false;
    }
  }

  /** Resolves when both halves of the platform are served by the balancer. */
  async serves(): Promise<void> {
    const isOk = async (path: string) => (await fetch(`${this.front.url}${path}`).catch(() => undefined))?.ok;
    await eventually(
      async () => (await isOk('/readyz')) === true && (await isOk('/.well-known/jwks.json')) === true,
      'the balancer serves gateways and control plane',
      60_000,
    );
  }

  async stop(): Promise<void> {
    killAll();
    await this.balancer.kill();
    await this.simulator.close();
    await this.redis.stop();
    await this.postgres.remove();
    await rm(this.folder, { recursive: true, force: true });
  }
}
