// Files that are made from the code and committed.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Writes such a file. With --check on the command line, ends the program with an error unless the committed one is the same.
 * @param {string} name below the root
 * @param {string} fresh what it is to hold
 * @param {string} source what it is made from, as the error says it
 * @param {string} command that makes it
 */
export function writeOrCheck(name, fresh, source, command) {
  const path = join(root, name);
  if (!process.argv.includes('--check')) return writeFileSync(path, fresh);
  if (readFileSync(path, 'utf8') === fresh) return;
  console.error(`${name} is not what ${source} says; run \`${command}\` and commit it.`);
  process.exit(1);
}
