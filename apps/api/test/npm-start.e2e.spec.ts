import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { removeEmbeddedPostgres } from '@maas/database/embedded-postgres';
import { freePorts, isListening } from './free-ports.js';
import { repositoryRoot } from './guide-document.js';
import { GuideShell } from './guide-shell.js';
import { eventually } from './streams.js';

const folder = mkdtempSync(join(tmpdir(), 'maas-npm-start-'));
let started: ChildProcess | undefined;
afterAll(async () => {
  if (started?.exitCode === null && started.kill('SIGTERM')) await once(started, 'exit');
  await removeEmbeddedPostgres(join(folder, 'postgres'));
  await rm(folder, { recursive: true });
});

// As `npm start` runs it once all is built: with the settings of whoever runs the tests where .env has some, but for these.
describe('what npm start prints', () => {
  it('is a first streamed answer when it is pasted, and all ends with SIGTERM, the simulator too', async () => {
    const [simulatorPort = 0] = await freePorts(1);
    const child = spawn(process.execPath, [join(repositoryRoot, 'scripts/start.mjs')], {
      env: {
        PATH: process.env['PATH'] ?? '',
        PORT: '0',
        HOST: '127.0.0.1',
        SIMULATOR_PORT: String(simulatorPort),
        MAAS_DATA_DIR: folder,
        MAAS_DEMO_PASSWORD: `it's "quoted" & $spaced`,
        DATABASE_URL: '',
        REDIS_URL: '',
        PUBLIC_URL: '',
        MAX_EVENT_LOOP_DELAY: '1h',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    started = child;
    let printed = '';
    let commands: string | undefined;
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      printed += piece;
      [, commands] = /Paste this to get your first streamed answer:\n(.*"stream":true\}')\n/s.exec(printed) ?? [];
    });
    await eventually(() => commands !== undefined, 'it says what to paste', 180_000);
    const shell = new GuideShell({ PATH: process.env['PATH'] ?? '' });
    const { stdout, stderr, statuses } = await shell.run(commands ?? '');
    await shell.close();
    expect([stderr, statuses]).toEqual(['', [0]]);
    expect(stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(stdout).toContain('x-ratelimit-limit-requests: 5\r\n');
    expect(stdout.match(/^data: \{"id":"chatcmpl-/gm)?.length).toBeGreaterThan(2);
    expect(stdout.trimEnd()).toMatch(/\ndata: \[DONE\]$/);
    expect(await isListening(simulatorPort)).toBe(true);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await eventually(async () => !(await isListening(simulatorPort)), 'the simulator has ended');
  });
});
