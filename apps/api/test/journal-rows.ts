import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalLog } from '../src/usage/usage-journal.js';
import type { UsageRecord } from '../src/usage/usage-record.js';

/** The row of the request with this number. */
export function rowOf(number: number, fields: Partial<UsageRecord> = {}): UsageRecord {
  return {
    id: uuidOf(number),
    userId: uuidOf(1),
    tokenJti: uuidOf(2),
    tier: 'free',
    modelId: 'simulator',
    backendId: uuidOf(3),
    endpoint: 'chat/completions',
    status: 200,
    streamed: number % 2 === 0,
    promptTokens: number,
    completionTokens: 7,
    countSource: 'upstream',
    firstByteMs: 3,
    durationMs: 14,
    createdAt: 1_790_000_000_000 + number,
    ...fields,
  };
}

export function rowsOf(count: number): UsageRecord[] {
  return Array.from({ length: count }, (_, index) => rowOf(index + 1));
}

function uuidOf(number: number): string {
  return `01a1ffbf-d87b-7105-a522-${number.toString(16).padStart(12, '0')}`;
}

/** A log that a test reads. */
export class LogForTest implements JournalLog {
  readonly lines: string[] = [];
  log = (message: string) => void this.lines.push(`log ${message}`);
  warn = (message: string) => void this.lines.push(`warn ${message}`);
  error = (message: string) => void this.lines.push(`error ${message}`);
  fatal = (message: string) => void this.lines.push(`fatal ${message}`);
}

/** A folder that is gone when `remove` was called. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'maas-journal-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
