import { join } from 'node:path';
import type { FactoryProvider } from '@nestjs/common';
import { readOrCreateSecretFile } from '../auth/key-files.js';
import { generateSecret } from '../auth/signing-keys.js';
import { CONFIG, type Config, ConfigError } from '../config.js';
import { CredentialVault } from './credential-vault.js';

/** The vault with the key that was given, or with one made in the data folder. */
export const vaultProvider: FactoryProvider<CredentialVault> = {
  provide: CredentialVault,
  inject: [CONFIG],
  useFactory: async (config: Config) => {
    const path = join(config.MAAS_DATA_DIR, 'encryption-key');
    try {
      const made = () => readOrCreateSecretFile(path, () => `local:${generateSecret()}`);
      return new CredentialVault(config.ENCRYPTION_KEY ?? (await made()));
    } catch (error) {
      throw new ConfigError(`ENCRYPTION_KEY, or what stands for it, cannot be used: ${(error as Error).message}`);
    }
  },
};
