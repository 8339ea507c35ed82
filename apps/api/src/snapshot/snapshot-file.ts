import { createHmac, type Hmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** Of the file's shape; a file of another version is not read. */
const VERSION = 1;
const ROWS_AT_ONCE = 250;

const Header = z.object({
  version: z.number(),
  /** The id of the key that the code is made with. */
  keyId: z.string(),
  database: z.string(),
  trueAt: z.number(),
  applied: z.string().regex(/^\d+$/),
});

/** A line: who kept the row, and the row. */
const Row = z.tuple([z.string(), z.unknown()]);

/** What was known of the database at one instant. */
export interface Snapshot {
  /** Which database: its address and name. */
  readonly database: string;
  /** Unix milliseconds at which it was true. */
  readonly trueAt: number;
  /** The sequence up to which changes are in it. */
  readonly applied: bigint;
  /** By the name of who kept them. */
  readonly rows: ReadonlyMap<string, readonly unknown[]>;
}

/** Keys for the authentication code, by id. */
export interface SnapshotKeys {
  readonly keyId: string;
  /** @throws when there is no such key */
  keyOf(id: string): Buffer;
}

/** The snapshot cannot be used; `message` says why. */
export class SnapshotRefused extends Error {}

/**
 * Writes a snapshot as lines: a header, each row, and a code over all before it (HMAC-SHA256). In pieces, between which
 * others get their turn: with many people it is megabytes.
 */
export async function* encodeSnapshot(snapshot: Snapshot, keys: SnapshotKeys): AsyncGenerator<string> {
  const code = createHmac('sha256', keys.keyOf(keys.keyId));
  const { database, trueAt, applied } = snapshot;
  const header = { version: VERSION, keyId: keys.keyId, database, trueAt, applied: String(applied) };
  yield sealed(code, `${JSON.stringify(header)}\n`);
  for (const [name, rows] of snapshot.rows) {
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
      const piece = rows.slice(from, from + ROWS_AT_ONCE).map((row) => `${JSON.stringify([name, row])}\n`);
      yield sealed(code, piece.join(''));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  yield `${code.digest('base64url')}\n`;
}

function sealed(code: Hmac, text: string): string {
  code.update(text);
  return text;
}

/**
 * Reads a snapshot. Nothing of it is believed before its code is found right, but the id of the key.
 * @param database the one that is configured
 * @param now Unix milliseconds @param maxAge milliseconds
 * @throws SnapshotRefused
 */
export function decodeSnapshot(
  text: string,
  keys: SnapshotKeys,
  { database, now, maxAge }: { database: string; now: number; maxAge: number },
): Snapshot {
  const lines = text.split('\n');
  // Each line ends, the last one too.
  const [code = '', end] = lines.splice(-2);
  const body = text.slice(0, text.length - code.length - 1);
  const header = Header.safeParse(parsed(lines[0] ?? '')).data;
  if (header === undefined || end !== '') throw new SnapshotRefused('it is not a snapshot, or not a whole one');
  if (header.version !== VERSION) throw new SnapshotRefused(`it is of another version (${header.version})`);
  if (!isRight(code, body, header.keyId, keys)) {
    throw new SnapshotRefused('its authentication code is wrong: it was altered, or is of another ENCRYPTION_KEY');
  }
  if (header.database !== database) {
    throw new SnapshotRefused(`it is of the database ${header.database}, and DATABASE_URL names ${database}`);
  }
  const age = now - header.trueAt;
  if (age > maxAge) throw new SnapshotRefused(`it is ${hours(age)} old, and SNAPSHOT_MAX_AGE is ${hours(maxAge)}`);
  const rows = new Map<string, unknown[]>();
  for (const line of lines.slice(1)) {
    const [name, row] = Row.parse(JSON.parse(line));
    const known = rows.get(name);
    if (known) known.push(row);
    else rows.set(name, [row]);
  }
  return { database, trueAt: header.trueAt, applied: BigInt(header.applied), rows };
}

function isRight(code: string, body: string, keyId: string, keys: SnapshotKeys): boolean {
  let key: Buffer;
  try {
    key = keys.keyOf(keyId);
  } catch {
    return false;
  }
  const expected = createHmac('sha256', key).update(body).digest('base64url');
  // The text is compared, of which there is one spelling: some bits of its last character mean nothing.
  return code.length === expected.length && timingSafeEqual(Buffer.from(code), Buffer.from(expected));
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const hours = (milliseconds: number) => `${Math.round(milliseconds / 36_000) / 100} h`;

/** Which database a URL names, without who asks it. */
export function databaseOf(url: string): string {
  const { hostname, port, pathname, searchParams } = new URL(url);
  return `${searchParams.get('host') ?? hostname}:${port === '' ? '5432' : port}${pathname}`;
}
