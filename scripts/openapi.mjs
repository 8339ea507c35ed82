// `npm run openapi`: writes the OpenAPI document. With --check, says whether the committed one is fresh.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const path = join(root, 'apps/api/openapi.json');
const fresh = execFileSync(process.execPath, [join(root, 'apps/api/dist/openapi.js')], { encoding: 'utf8' });

if (!process.argv.includes('--check')) writeFileSync(path, fresh);
else if (readFileSync(path, 'utf8') !== fresh) {
  console.error('apps/api/openapi.json is not what the code says; run `npm run openapi` and commit it.');
  process.exit(1);
}
