// Imported before anything that reads settings: takes those of the file `.env` for what is not set otherwise.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadEnvFile } from './env-file.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const file = join(root, '.env');
if (existsSync(file)) {
  try {
    const unknown = loadEnvFile(file, join(root, '.env.example'), process.env);
    for (const name of unknown)
      console.error(`.env: ${name} is no setting of the platform; .env.example has all that are`);
  } catch (error) {
    console.error(`${file} cannot be read as a file of settings: ${error.message}`);
    process.exit(1);
  }
}
