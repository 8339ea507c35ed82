import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble } from './app.js';
import { readConfig } from './config.js';
import { describeApi } from './docs.js';
import { SystemClock } from './http/clock.js';

// Prints the OpenAPI document: `npm run openapi` keeps it in apps/api/openapi.json, and the check compares it with that.
const folder = mkdtempSync(join(tmpdir(), 'maas-openapi-'));
// Silent: standard output is the document's, and there is no database to be reached.
const config = readConfig({ MAAS_DATA_DIR: folder, LOG_LEVEL: 'silent' });
const nest = await assemble(config, 'postgres://nobody@127.0.0.1:1/none', new SystemClock());
process.stdout.write(`${JSON.stringify(describeApi(nest), null, 2)}\n`, () => {
  rmSync(folder, { recursive: true });
  process.exit(0);
});
