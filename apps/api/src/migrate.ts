import { ConfigError, readConfig } from './config.js';
import { migrateApart, MigrationFailed } from './installation/migrate-apart.js';

// Brings the database up to date and ends: for a job that runs before new processes are rolled out. Each process does the
// same at its start, so that it can be left out.
try {
  const { DATABASE_URL } = readConfig(process.env);
  if (DATABASE_URL === undefined)
    throw new ConfigError('DATABASE_URL must be set: there is no other database to migrate');
  await migrateApart(DATABASE_URL);
  console.log('The database is up to date');
} catch (error) {
  const isKnown = error instanceof ConfigError || error instanceof MigrationFailed;
  console.error(isKnown ? error.message : error);
  process.exitCode = 1;
}
