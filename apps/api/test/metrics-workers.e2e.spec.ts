import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dropTestDatabase } from '@maas/database/test-database';
import { atATime } from './cluster.js';
import { type Exposition, parseExposition } from './exposition.js';
import { createEmptyDatabase, killAll, type MaasProcess, startMaas } from './process-maas.js';
import { eventually } from './streams.js';

let databaseUrl: string;
let dataDir: string;
let maas: MaasProcess;
let address: string;

/** Asks on a connection of its own; connections go to one worker after the other. */
function fresh(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (message) => {
      let text = '';
      message.on('data', (piece: Buffer) => (text += piece.toString()));
      message.once('end', () => resolve(text)).once('error', reject);
    }).once('error', reject);
  });
}

const scrape = async () => parseExposition(await fresh(`${address}/metrics`));
const workersIn = ({ series }: Exposition) => [
  ...new Set(series.filter(({ name }) => name === 'process_start_time_seconds').map(({ labels }) => labels['worker'])),
];
/** A worker that is late on a busy machine is left out of what the other one says. */
async function scrapeBoth(): Promise<Exposition> {
  let said = await scrape();
  const isOfBoth = () => workersIn(said).length === 2;
  await eventually(async () => isOfBoth() || ((said = await scrape()), isOfBoth()), 'neither of them is late');
  return said;
}
const probes = (said: Exposition, labels: Record<string, string> = {}) =>
  said.sum('maas_control_requests_total', { route: '/healthz', ...labels });

beforeAll(async () => {
  databaseUrl = await createEmptyDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
  dataDir = mkdtempSync(join(tmpdir(), 'maas-metrics-'));
  maas = await startMaas({
    DATABASE_URL: databaseUrl,
    MAAS_DATA_DIR: dataDir,
    WEB_CONCURRENCY: '2',
    METRICS_PORT: '0',
  });
  [, address = ''] = await maas.wrote(/Metrics are at (\S+)\/metrics/);
});
afterAll(async () => {
  killAll();
  await maas.ended;
  await dropTestDatabase(databaseUrl);
  await rm(dataDir, { recursive: true });
});

describe('two workers on one port', () => {
  it('are scraped together, whichever is asked', async () => {
    await atATime(10, 1, () => fresh(`${maas.url}/healthz`));
    let all: Exposition[] = [];
    const areWhole = async () => {
      all = await Promise.all(Array.from({ length: 6 }, scrapeBoth));
      return all.every((said) => probes(said) === 10 && said.sum('maas_database_up') === 2);
    };
    await eventually(areWhole, 'all are counted, whichever is asked');
    for (const said of all) {
      expect(workersIn(said).toSorted()).toEqual(['0', '1']);
      expect(probes(said)).toBe(10);
      expect(probes(said, { worker: '0' })).toBeGreaterThan(0);
      expect(probes(said, { worker: '1' })).toBeGreaterThan(0);
      expect(said.sum('maas_database_up')).toBe(2);
    }
  });

  it('say so too when one was killed, and its successor begins anew in its place', async () => {
    const before = await scrapeBoth();
    const [, victim] = await maas.wrote(/"pid":(\d+)/);
    process.kill(Number(victim), 'SIGKILL');
    await maas.wrote(/serves in its place/);
    const said = await scrapeBoth();
    expect(workersIn(said).toSorted()).toEqual(['0', '1']);
    const began = (of: Exposition, worker: string) => of.value('process_start_time_seconds', { worker });
    const renewed = ['0', '1'].filter((worker) => began(said, worker) !== began(before, worker));
    expect(renewed).toHaveLength(1);
  });
});
