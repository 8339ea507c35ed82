// `npm run openapi`: writes the OpenAPI document. With --check, says whether the committed one is fresh.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root, writeOrCheck } from './generated-file.mjs';

const fresh = execFileSync(process.execPath, [join(root, 'apps/api/dist/openapi.js')], { encoding: 'utf8' });
writeOrCheck('apps/api/openapi.json', fresh, 'the code', 'npm run openapi');
