import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { CredentialVault } from '../models/credential-vault.js';
import { databaseOf, decodeSnapshot, encodeSnapshot, type Snapshot } from './snapshot-file.js';

const HOUR = 3_600_000;
const now = 1_790_000_000_000;
const snapshot: Snapshot = {
  database: 'db:5432/maas',
  trueAt: now - HOUR,
  applied: 12_345_678_901_234_567_890n,
  rows: new Map<string, unknown[]>([
    ['users', Array.from({ length: 2500 }, (_, index) => ({ id: index, name: 'line\nbreak and “quotes”' }))],
    ['models', [{ id: 'm' }]],
    ['none', []],
  ]),
};
const key = () => `k.1:${randomBytes(32).toString('base64')}`;
const keysOf = (setting: string) => {
  const vault = new CredentialVault(setting);
  return { keyId: vault.keyId, keyOf: (id: string) => vault.derive('test', id) };
};
const first = key();
const asked = { database: 'db:5432/maas', now, maxAge: 24 * HOUR };

async function encode(fields: Partial<Snapshot> = {}): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of encodeSnapshot({ ...snapshot, ...fields }, keysOf(first))) pieces.push(piece);
  return pieces.join('');
}
const decode = (text: string, fields: Partial<typeof asked> = {}, keys = keysOf(first)) =>
  decodeSnapshot(text, keys, { ...asked, ...fields });

describe('a snapshot', () => {
  it('is read as it was written, whoever has no row', async () => {
    const read = decode(await encode());
    expect(read.rows.get('users')).toEqual(snapshot.rows.get('users'));
    expect([read.database, read.trueAt, read.applied]).toEqual([snapshot.database, snapshot.trueAt, snapshot.applied]);
    expect([...read.rows.keys()]).toEqual(['users', 'models']);
  });

  it('is read with an earlier key that is still given', async () => {
    const rotated = keysOf(`new:${randomBytes(32).toString('base64')},${first}`);
    expect(decode(await encode(), {}, rotated).applied).toBe(snapshot.applied);
  });
});

describe('a snapshot is refused', () => {
  it('with any one byte of it altered', async () => {
    const text = await encode({ rows: new Map([['models', [{ id: 'm' }]]]) });
    for (let at = 0; at < text.length; at += 1) {
      const altered = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1);
      expect(() => decode(altered)).toThrow();
    }
  });

  it('cut off anywhere, or with something behind it', async () => {
    const text = await encode({ rows: new Map([['models', [{ id: 'm' }]]]) });
    for (let length = 0; length < text.length; length += 1) expect(() => decode(text.slice(0, length))).toThrow();
    for (const more of ['\n', 'x', text]) expect(() => decode(text + more)).toThrow();
  });

  it('without a row that was in it', async () => {
    const lines = (await encode()).split('\n');
    expect(() => decode(lines.toSpliced(5, 1).join('\n'))).toThrow('altered');
  });

  it('of another key, also one of the same name', async () => {
    const text = await encode();
    expect(() => decode(text, {}, keysOf(key()))).toThrow('another ENCRYPTION_KEY');
    expect(() => decode(text, {}, keysOf(`other:${randomBytes(32).toString('base64')}`))).toThrow('another');
  });

  it('of another database, and names both', async () => {
    const text = await encode();
    expect(() => decode(text, { database: 'db:5432/other' })).toThrow(/db:5432\/maas.*db:5432\/other/);
  });

  it('older than is allowed, and says how old', async () => {
    const text = await encode({ trueAt: now - 24 * HOUR - 1 });
    expect(() => decode(text)).toThrow('24 h old');
    expect(decode(await encode({ trueAt: now - 24 * HOUR })).trueAt).toBe(now - 24 * HOUR);
  });
});

it('a database is known by where it is, not by who asks', () => {
  expect(databaseOf('postgres://maas:secret@db/maas?sslmode=require')).toBe('db:5432/maas');
  expect(databaseOf('postgres://other@db:6432/maas')).toBe('db:6432/maas');
  expect(databaseOf('postgres://maas@localhost/maas?host=/run/postgresql')).toBe('/run/postgresql:5432/maas');
});
