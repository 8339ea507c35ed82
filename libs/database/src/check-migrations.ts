import { findMigrationsFolder } from './migrations/migrations-folder.js';
import { schemaDiff } from './migrations/schema-diff.js';

// Usage: node check-migrations.js. Fails when schema.prisma says something that no migration does.
const missing = await schemaDiff(findMigrationsFolder());
if (missing !== undefined) {
  console.error(`schema.prisma and prisma/migrations are not in step. No migration does this yet:\n\n${missing}`);
  process.exitCode = 1;
}
