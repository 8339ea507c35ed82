import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isAbandoned, lockDataFolder } from './data-folder-lock.js';
import { startOf } from './process-identity.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maas-lock-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function writeLock(content: string): void {
  writeFileSync(join(folder, 'postgres.lock'), content);
}

describe('lockDataFolder', () => {
  it('lets one owner in, and the next when that one has left', () => {
    const unlock = lockDataFolder(folder);
    expect(() => lockDataFolder(folder)).toThrow('in use by this same process');
    unlock();
    lockDataFolder(folder)();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('names the live process that owns the folder and says what to do', () => {
    writeLock(JSON.stringify({ pid: process.ppid, start: startOf(process.ppid) }));
    expect(() => lockDataFolder(folder)).toThrow(
      new RegExp(`${folder} is in use by process ${process.ppid}\\. Stop that process first, .* set MAAS_DATA_DIR`),
    );
    expect(isAbandoned(folder)).toBe(false);
  });

  it.each([
    ['whose process is gone', JSON.stringify({ pid: 2 ** 30, start: '1' })],
    ['whose process id was given to another process', JSON.stringify({ pid: process.ppid, start: '1' })],
    ['that a power cut left empty', ''],
  ])('takes over a lock %s', (_case, content) => {
    writeLock(content);
    expect(isAbandoned(folder)).toBe(true);
    const unlock = lockDataFolder(folder);
    expect(() => lockDataFolder(folder)).toThrow('in use');
    unlock();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('isAbandoned', () => {
  it('is false for a folder that nobody has locked yet', () => {
    expect(isAbandoned(folder)).toBe(false);
  });
});
