import { join, resolve } from 'node:path';
import { readOrCreateSecretFile } from './auth/key-files.js';
import { generateSecret, generateSigningKey } from './auth/signing-keys.js';

// `npm run keys:create -- FOLDER`: makes the keys that several processes share, `signing-keys.json` for SIGNING_KEYS_FILE and
// `encryption-key` for ENCRYPTION_KEY_FILE. Keys that are there stay as they are.
const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('Name the folder to put the keys into: npm run keys:create -- keys');
  process.exitCode = 1;
} else {
  const signing = async () => JSON.stringify({ keys: [await generateSigningKey()] });
  await readOrCreateSecretFile(join(folder, 'signing-keys.json'), signing);
  await readOrCreateSecretFile(join(folder, 'encryption-key'), () => `first:${generateSecret()}`);
  console.log(`The keys are in ${resolve(folder)}: keep a copy where no one else can read it`);
}
