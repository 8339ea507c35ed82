import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { generateSigningKey, parseKeySet, type SigningKey } from '../src/auth/signing-keys.js';
import { repositoryRoot } from './guide-document.js';

const folder = mkdtempSync(join(tmpdir(), 'maas-rotation-'));
const file = join(folder, 'signing-keys.json');
afterAll(() => rm(folder, { recursive: true }));

const hoursAgo = (hours: number) => Math.floor(Date.now() / 1000) - hours * 3600;
const idsOf = (keys: readonly SigningKey[]) => keys.map(({ kid }) => kid);

function rotateKeys(settings: Record<string, string>) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(repositoryRoot, 'apps/api/dist/rotate-keys.js')],
    {
      env: { MAAS_DATA_DIR: folder, ...settings },
      encoding: 'utf8',
    },
  );
  return { stdout, stderr, status };
}

describe('npm run keys:rotate', () => {
  it('keeps a key until what it signed has expired, be it an access token or a sign-in', async () => {
    const signing = await generateSigningKey();
    const recent = { ...(await generateSigningKey()), retired_at: hoursAgo(11) };
    const expired = { ...(await generateSigningKey()), retired_at: hoursAgo(13) };
    const settings = [
      { TOKEN_MAX_LIFETIME: '1h', IDENTITY_LIFETIME: '12h' },
      { TOKEN_MAX_LIFETIME: '12h', IDENTITY_LIFETIME: '1h' },
    ];
    for (const lifetimes of settings) {
      writeFileSync(file, JSON.stringify({ keys: [signing, recent, expired] }));
      const { stdout, stderr, status } = rotateKeys(lifetimes);
      expect([stderr, status]).toEqual(['', 0]);
      const [fresh, ...earlier] = parseKeySet(readFileSync(file, 'utf8'), file);
      expect(idsOf(earlier)).toEqual(idsOf([signing, recent]));
      expect(earlier[0]?.retired_at).toBeGreaterThan(hoursAgo(1));
      expect(stdout).toBe(`${file}: signing with ${fresh?.kid}; 2 earlier keys still verify\n`);
    }
  });

  it('says what to do where there is no file, and what is wrong with one, without showing any of it', () => {
    const elsewhere = join(folder, 'none.json');
    const absent = rotateKeys({ SIGNING_KEYS_FILE: elsewhere });
    expect(absent.status).toBe(1);
    expect(absent.stderr).toMatch(
      /no such file .*none\.json': name the file .* SIGNING_KEYS_FILE, or its folder by MAAS_DATA_DIR\n$/,
    );
    writeFileSync(file, '{"keys":"canary"}');
    const wrong = rotateKeys({});
    expect([wrong.stderr, wrong.status]).toEqual([
      `${file} must be a JWK set with Ed25519 private keys, each with a kid\n`,
      1,
    ]);
  });
});
