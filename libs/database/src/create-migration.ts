import { findMigrationsFolder } from './migrations/migrations-folder.js';
import { writeMigration } from './migrations/write-migration.js';

// Usage: node create-migration.js <name>. Writes prisma/migrations/<time>_<name>/migration.sql.
const [name] = process.argv.slice(2);
if (name === undefined) {
  console.error('Name the migration in snake_case, such as add_tier_colour.');
  process.exitCode = 1;
} else {
  const script = await writeMigration(findMigrationsFolder(), name, new Date());
  console.log(script === undefined ? 'The migrations already give what schema.prisma says.' : `Wrote ${script}`);
}
