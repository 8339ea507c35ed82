// Builds the dashboard: static files in apps/web/out, each also as the server sends it compressed.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const web = join(root, 'apps/web');
const out = join(web, 'out');
const compressible = /\.(?:html|js|css|svg|json|txt)$/;
/** Below this a file fits into one packet anyway. */
const SMALLEST_BYTES = 1024;

rmSync(out, { recursive: true, force: true });
const { status, stdout, stderr } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/next/dist/bin/next'), 'build'],
  {
    cwd: web,
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    encoding: 'utf8',
  },
);
if (status !== 0) {
  process.stderr.write(`${stdout}${stderr}\nThe dashboard could not be built\n`);
  process.exit(1);
}
for (const entry of readdirSync(out, { recursive: true, withFileTypes: true })) {
  if (entry.isFile() && compressible.test(entry.name)) compress(join(entry.parentPath, entry.name));
}

function compress(path) {
  const content = readFileSync(path);
  if (content.length < SMALLEST_BYTES) return;
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params }));
}
