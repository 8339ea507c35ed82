// @ts-check
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { hasPortkey } from './launches.mjs';

const folder = fileURLToPath(new URL('..', import.meta.url));

/**
 * Installs the gateway that ours is compared with, on first use. It is no dependency of the product.
 * @returns {boolean} whether it is there
 */
export function installPeer() {
  if (hasPortkey()) return true;
  console.log('Installing the peer …');
  const npm = process.env['npm_execpath'];
  const args = ['ci', '--prefix', folder, '--loglevel=error'];
  const byNode = npm?.endsWith('.js');
  spawnSync(byNode ? process.execPath : 'npm', byNode && npm ? [npm, ...args] : args, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return hasPortkey();
}
