import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { startScratchPostgres } from './scratch-postgres.js';

it('removes what a killed run left behind, and not what one still uses or has not locked yet', async () => {
  const [abandoned, young] = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'maas-scratch-postgres-')));
  writeFileSync(join(abandoned ?? '', 'postgres.lock'), JSON.stringify({ pid: 2 ** 30, start: '1' }));
  const first = await startScratchPostgres();
  const second = await startScratchPostgres();
  expect(existsSync(abandoned ?? '')).toBe(false);
  expect(existsSync(young ?? '')).toBe(true);
  process.kill(first.pid, 0);
  await Promise.all([first.stop(), second.stop()]);
  rmSync(young ?? '', { recursive: true });
});
