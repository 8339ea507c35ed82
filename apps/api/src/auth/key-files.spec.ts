import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readOrCreateSecretFile, replaceSecretFile } from './key-files.js';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maas-keys-'));
  path = join(folder, 'deeper', 'still', 'secret');
});
afterEach(() => rm(folder, { recursive: true }));

const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

describe('a secret file', () => {
  it('is made with its folder, readable by its owner alone', async () => {
    expect(await readOrCreateSecretFile(path, () => 'secret')).toBe('secret');
    expect(await readFile(path, 'utf8')).toBe('secret');
    expect(await modeOf(path)).toBe(0o600);
    expect(await modeOf(join(folder, 'deeper'))).toBe(0o700);
  });

  it('is read, and nothing is made, when it is there', async () => {
    await readOrCreateSecretFile(path, () => 'first');
    const refuse = () => {
      throw new Error('must not be called');
    };
    expect(await readOrCreateSecretFile(path, refuse)).toBe('first');
  });

  it('is the same for all who make it at once', async () => {
    let made = 0;
    const create = async () => `secret ${(made += 1)}`;
    const secrets = await Promise.all(Array.from({ length: 20 }, () => readOrCreateSecretFile(path, create)));
    expect(new Set(secrets).size).toBe(1);
    expect(await readFile(path, 'utf8')).toBe(secrets[0]);
    expect(await readdir(join(folder, 'deeper', 'still'))).toEqual(['secret']);
  });

  it('is not there, nor is a draft of it, when making it failed', async () => {
    const fail = () => Promise.reject(new Error('no entropy'));
    await expect(readOrCreateSecretFile(path, fail)).rejects.toThrow('no entropy');
    expect(await readdir(join(folder, 'deeper', 'still'))).toEqual([]);
  });

  it('is not made anew when it is there but cannot be read', async () => {
    await mkdir(path, { recursive: true });
    await expect(readOrCreateSecretFile(path, () => 'secret')).rejects.toThrow('EISDIR');
  });
});

describe('replacing a secret file', () => {
  it('leaves the new text alone, readable by its owner alone', async () => {
    await readOrCreateSecretFile(path, () => 'a longer text than the new one');
    await chmod(path, 0o644);
    await replaceSecretFile(path, 'new');
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await modeOf(path)).toBe(0o600);
    expect(await readdir(join(folder, 'deeper', 'still'))).toEqual(['secret']);
  });

  it('never shows a reader a part of either text', async () => {
    const texts = ['a'.repeat(100_000), 'b'.repeat(100_000)];
    await mkdir(join(folder, 'deeper', 'still'), { recursive: true });
    await writeFile(path, texts[0] ?? '');
    let replacing = true;
    const replaced = (async () => {
      for (let turn = 0; turn < 20; turn += 1) await replaceSecretFile(path, texts[turn % 2] ?? '');
      replacing = false;
    })();
    while (replacing) expect(texts).toContain(await readFile(path, 'utf8'));
    await replaced;
  });
});
