import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { canTraverse, parsePasswd } from './server-account.js';

describe('parsePasswd', () => {
  it('reads names and ids, and leaves out root and lines that are no accounts', () => {
    const accounts = parsePasswd('root:x:0:0:root:/root:/bin/sh\npostgres:x:101:104:,,,:/:/bin/sh\n# note\n\n');
    expect([...accounts]).toEqual([['postgres', { uid: 101, gid: 104 }]]);
  });
});

describe('canTraverse', () => {
  it('asks the bits that apply to the account, on the folder and on all above it', () => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'maas-traverse-')));
    const folder = join(root, 'inner');
    mkdirSync(folder);
    const { uid, gid } = statSync(folder);
    const other = { uid: uid + 1, gid: gid + 1 };
    const able = (mode: number, account: { uid: number; gid: number }): boolean => {
      chmodSync(folder, mode);
      return canTraverse(folder, account);
    };
    chmodSync(root, 0o755);
    expect([able(0o711, other), able(0o710, other), able(0o710, { ...other, gid }), able(0o700, { uid, gid })]).toEqual(
      [true, false, true, true],
    );
    chmodSync(root, 0o700);
    expect(able(0o755, other)).toBe(false);
    rmSync(root, { recursive: true });
  });
});
