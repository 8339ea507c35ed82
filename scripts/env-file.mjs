// The file `.env`, which `npm start`, `migrate`, `keys:rotate` and `demo-data` read.
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

/** Names that are none of the platform's settings, but have a meaning where it runs: to Node, the simulator, compose. */
const elsewhere = /^(?:NODE_|SIMULATOR_|OTEL_|COMPOSE_|POSTGRES_PASSWORD$)|^(?:HTTPS?|NO)_PROXY$/i;

/**
 * Reads settings from a file into an environment, where what is set already stays as it is.
 * @param {string} file
 * @param {string} example a file in which every setting stands: .env.example
 * @param {NodeJS.ProcessEnv} environment
 * @returns {string[]} the names in the file that are no settings, so that nothing goes by them
 * @throws when one of the files cannot be read
 */
export function loadEnvFile(file, example, environment) {
  const settings = new Set(readFileSync(example, 'utf8').match(/(?<=^# )[A-Z][A-Z0-9_]*(?==)/gm));
  const given = parseEnv(readFileSync(file, 'utf8'));
  for (const [name, value] of Object.entries(given)) environment[name] ??= value;
  return Object.keys(given).filter(
    (name) => !settings.has(name.replace(/_FILE$/, '')) && !settings.has(name) && !elsewhere.test(name),
  );
}
