import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceSecretFile } from './auth/key-files.js';
import { generateSigningKey, parseKeySet, rotate } from './auth/signing-keys.js';
import { readConfig } from './config.js';

// `npm run keys:rotate`: puts a fresh signing key first. Running processes read it within a second; the keys before it
// verify until the last that they signed has expired, be it an access token or a sign-in.
try {
  const config = readConfig(process.env);
  const path = config.SIGNING_KEYS_FILE ?? join(config.MAAS_DATA_DIR, 'signing-keys.json');
  const keys = parseKeySet(await readFile(path, 'utf8'), path);
  const fresh = await generateSigningKey();
  const longest = Math.max(config.TOKEN_MAX_LIFETIME, config.IDENTITY_LIFETIME) / 1000;
  const rotated = rotate(keys, fresh, Math.floor(Date.now() / 1000), longest);
  await replaceSecretFile(path, JSON.stringify({ keys: rotated }));
  console.log(`${path}: signing with ${fresh.kid}; ${rotated.length - 1} earlier keys still verify`);
} catch (error) {
  const { message } = error as Error;
  const remedy = ': name the file that the platform reads by SIGNING_KEYS_FILE, or its folder by MAAS_DATA_DIR';
  console.error((error as NodeJS.ErrnoException).code === 'ENOENT' ? `${message}${remedy}` : message);
  process.exitCode = 1;
}
