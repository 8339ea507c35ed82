import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dropTestDatabase } from '@maas/database/test-database';
import { createSimulator, type Simulator } from '@maas/simulator/server';
import { generateSigningKey } from '../src/auth/signing-keys.js';
import { createEmptyDatabase, killAll, type MaasProcess, startMaas } from './process-maas.js';

/**
 * Gateway and control plane as processes of their own, as the manifests have it: one database, a folder each, and the same keys
 * from a Secret.
 */
export class DividedInstallation {
  private constructor(
    private readonly simulator: Simulator,
    readonly databaseUrl: string,
    readonly folder: string,
    private readonly shared: Record<string, string>,
  ) {}

  /** @param environment of both roles, besides what they need */
  static async create(environment: Record<string, string> = {}): Promise<DividedInstallation> {
    const simulator = createSimulator();
    await simulator.listen();
    const databaseUrl = await createEmptyDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
    const folder = mkdtempSync(join(tmpdir(), 'maas-roles-'));
    const keys = join(folder, 'signing-keys.json');
    writeFileSync(keys, JSON.stringify({ keys: [await generateSigningKey()] }));
    return new DividedInstallation(simulator, databaseUrl, folder, {
      DATABASE_URL: databaseUrl,
      SIGNING_KEYS_FILE: keys,
      ENCRYPTION_KEY: `first:${randomBytes(32).toString('base64')}`,
      // A busy machine must not be taken for a store that is away.
      LIMITS_TIMEOUT: '10s',
      ...environment,
    });
  }

  start(role: 'gateway' | 'api'): Promise<MaasProcess> {
    return startMaas({
      ...this.shared,
      MAAS_ROLE: role,
      MAAS_DATA_DIR: join(this.folder, role),
      // It alone installs the models that the simulator answers.
      ...(role === 'api' ? { SIMULATOR_URL: this.simulator.url } : {}),
    });
  }

  async remove(): Promise<void> {
    killAll();
    await this.simulator.close();
    await dropTestDatabase(this.databaseUrl);
    await rm(this.folder, { recursive: true });
  }
}
