import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ServerLog } from './server-log.js';

let folder: string;
let log: ServerLog;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maas-log-'));
  log = new ServerLog(folder);
});

afterEach(() => {
  log.close();
  rmSync(folder, { recursive: true });
});

describe('ServerLog', () => {
  it('shows the last lines of this start only', () => {
    appendFileSync(log.path, 'an earlier start\n');
    log.open();
    for (let line = 1; line <= 20; line++) appendFileSync(log.path, `line ${line}\n`);
    expect(log.tail()).not.toContain('earlier');
    expect(log.tail().split('\n')).toHaveLength(15);
    expect(log.tail()).toMatch(/line 20$/);
  });

  it('is readable by its owner alone', () => {
    log.open();
    expect(statSync(log.path).mode & 0o777).toBe(0o600);
  });

  it('puts a large log aside when the next server starts', () => {
    appendFileSync(log.path, '');
    truncateSync(log.path, 6_000_000);
    log.open();
    expect(readFileSync(log.path, 'utf8')).toBe('');
    expect(existsSync(`${log.path}.1`)).toBe(true);
  });
});
