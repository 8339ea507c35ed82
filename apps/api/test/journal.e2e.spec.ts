import { mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { dropTestDatabase } from '@maas/database/test-database';
import { createSimulator, type Simulator } from '@maas/simulator/server';
import pg from 'pg';
import { freePorts } from './free-ports.js';
import { type DatabaseGate, startDatabaseGate } from './journal-gate.js';
import { Traffic } from './journal-traffic.js';
import { administer, mint, setUp, unlimited } from './outage-installation.js';
import { createEmptyDatabase, killAll, type MaasProcess, startMaas } from './process-maas.js';
import { eventually } from './streams.js';

const KILLS = 4;
const LONGEST_LIFE_MILLISECONDS = 500;
const OUTAGE_MILLISECONDS = 1500;

let simulator: Simulator;
let gate: DatabaseGate;
let databaseUrl: string;
let dataDir: string;
let database: pg.Client;
let maas: MaasProcess;
let token: string;
let traffic: Traffic;

const start = async () =>
  startMaas({
    DATABASE_URL: gate.url,
    MAAS_DATA_DIR: dataDir,
    SIMULATOR_URL: simulator.url,
    LOG_LEVEL: 'warn',
    // Nobody else is given it while this process is dead and clients go on asking.
    PORT: String((await freePorts(1))[0]),
  });

async function kill(process: MaasProcess): Promise<void> {
  process.signal('SIGKILL');
  await process.ended;
}

beforeAll(async () => {
  simulator = createSimulator();
  await simulator.listen();
  databaseUrl = await createEmptyDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
  gate = await startDatabaseGate(databaseUrl);
  dataDir = mkdtempSync(join(tmpdir(), 'maas-journal-'));
  database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  maas = await start();
  const identity = await setUp(maas);
  await administer(maas, identity, '/tiers/free', 'PATCH', unlimited);
  token = await mint(maas, identity);
});
afterEach(async () => {
  gate.open();
  await traffic.stop();
});
afterAll(async () => {
  killAll();
  await gate.close();
  await database.end();
  await dropTestDatabase(databaseUrl);
  await simulator.close();
  await rm(dataDir, { recursive: true });
});

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Of the answers that clients have, those without a row that says the same. */
async function missing(): Promise<string[]> {
  const { rows } = await database.query<{ id: string; said: string }>(
    "SELECT id, concat_ws(' ', status, streamed, completion_tokens) AS said FROM usage_event",
  );
  const said = new Map(rows.map((row) => [row.id, row.said]));
  return traffic.received
    .filter(({ id, status, streamed, tokens }) => said.get(id) !== `${status} ${streamed ? 't' : 'f'} ${tokens}`)
    .map(({ id }) => id);
}

/** Every answer has its row, and the sums are those of the rows: no row was counted twice or not at all. */
async function expectExactUsage(): Promise<void> {
  await traffic.stop();
  await eventually(async () => (await missing()).length === 0, 'a row for each answer');
  const sums =
    'sum(prompt_tokens)::int AS prompt, sum(completion_tokens)::int AS completion, sum(duration_ms)::int AS ms';
  // A request that was cut off may still be written: what is compared is read at one instant.
  const { rows } = await database.query<{ rows: object; sums: object }>(
    `SELECT (SELECT row_to_json(x) FROM (SELECT count(*)::int AS requests, ${sums} FROM usage_event) x) AS rows,
            (SELECT row_to_json(x) FROM (SELECT sum(requests)::int AS requests, ${sums} FROM usage_hourly) x) AS sums`,
  );
  expect(rows[0]?.sums).toEqual(rows[0]?.rows);
}

const leftFiles = () => readdirSync(join(dataDir, 'usage'));

describe('each answer that a client received has exactly one row', () => {
  it(`when the process is killed ${KILLS} times at any moment under traffic`, async () => {
    traffic = new Traffic(() => maas, token);
    for (let count = 0; count < KILLS; count += 1) {
      await wait(50 + Math.random() * LONGEST_LIFE_MILLISECONDS);
      await kill(maas);
      maas = await start();
    }
    await eventually(() => traffic.received.length > 30, 'enough is answered');
    await expectExactUsage();
    expect(traffic.received.every(({ status }) => status === 200)).toBe(true);
    expect(traffic.broken).toBeGreaterThan(0);
  });

  it.each(['cut', 'freeze'] as const)(
    'when the database is away for a while (%s): clients do not notice',
    async (how) => {
      traffic = new Traffic(() => maas, token);
      gate[how]();
      await wait(OUTAGE_MILLISECONDS);
      await eventually(() => traffic.received.length > 30, 'enough is answered');
      await eventually(async () => (await missing()).length > 20, 'it is not written meanwhile');
      gate.open();
      await wait(200);
      await expectExactUsage();
      expect(traffic.received.every(({ status }) => status === 200)).toBe(true);
      expect(traffic.broken).toBe(0);
    },
  );

  it('when a process is killed while the database is away, and another one lives on in the same folder', async () => {
    const heir = await start();
    traffic = new Traffic(() => maas, token);
    gate.cut();
    await wait(500);
    await traffic.stop();
    expect((await missing()).length).toBe(traffic.received.length);
    await kill(maas);
    gate.open();
    await expectExactUsage();
    maas = heir;
  });

  it('and after a graceful end nothing is left in the journal', async () => {
    traffic = new Traffic(() => maas, token);
    await wait(200);
    const stopping = traffic.stop();
    maas.signal('SIGTERM');
    await stopping;
    expect((await maas.ended).code).toBe(0);
    await expectExactUsage();
    expect(leftFiles()).toEqual([]);
  });
});
