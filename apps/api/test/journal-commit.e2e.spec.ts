import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { createTestDatabase, type TestDatabase } from '@maas/database/test-database';
import pg from 'pg';
import { readConfig } from '../src/config.js';
import { DatabaseService } from '../src/database/database.service.js';
import { UsageBacklog } from '../src/usage/usage-backlog.js';
import { UsageJournal } from '../src/usage/usage-journal.js';
import { UsageRecorder } from '../src/usage/usage-recorder.service.js';
import { writeUsage } from '../src/usage/write-usage.js';
import { type DatabaseGate, startDatabaseGate } from './journal-gate.js';
import { LogForTest, rowOf, temporaryFolder } from './journal-rows.js';
import { eventually } from './streams.js';

const LOST_ANSWERS = 50;
const ROWS = 40;

let test: TestDatabase;
let gate: DatabaseGate;
let direct: pg.Client;
let service: DatabaseService;
const folder = temporaryFolder();

beforeAll(async () => {
  test = await createTestDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
  gate = await startDatabaseGate(test.url);
  direct = new pg.Client({ connectionString: test.url });
  await direct.connect();
  service = new DatabaseService(gate.url);
});
afterAll(async () => {
  await service.onApplicationShutdown();
  await gate.close();
  await direct.end();
  await test.drop();
  folder.remove();
});

/** As a process does at its start. */
async function start(): Promise<UsageBacklog> {
  const log = new LogForTest();
  const journal = new UsageJournal(folder.path, { log });
  journal.open();
  await journal.claim();
  return new UsageBacklog(journal, log);
}

async function ship(backlog: UsageBacklog): Promise<void> {
  for (let batch = await backlog.next(500, Infinity); batch; batch = await backlog.next(500, Infinity)) {
    await writeUsage(service.writer, batch.rows);
    batch.settle();
  }
}

interface Totals {
  requests: number;
}

async function totals(source: string): Promise<Totals | undefined> {
  const { rows } = await direct.query<Totals>(
    `SELECT ${source}::int AS requests, sum(prompt_tokens)::int AS prompt, sum(completion_tokens)::int AS completion,
      sum(duration_ms)::int AS duration
     FROM ${source === 'count(*)' ? 'usage_event' : 'usage_hourly'}`,
  );
  return rows[0];
}

it(`a batch whose commit we were not told of, ${LOST_ANSWERS} times, is counted once each time`, async () => {
  let backlog = await start();
  let recorded = 0;
  const record = () => backlog.add([rowOf((recorded += 1))]);
  for (let time = 1; time <= LOST_ANSWERS; time += 1) {
    record();
    // Also makes the connection on which the next batch goes.
    await ship(backlog);
    for (let count = 0; count < ROWS; count += 1) record();
    gate.mute();
    const outcome = ship(backlog).then(
      () => 'told',
      () => 'not told',
    );
    await eventually(async () => (await totals('count(*)'))?.requests === recorded, 'the commit');
    gate.cut();
    expect([await outcome, backlog.depth]).toEqual(['not told', ROWS]);
    gate.open();
    // Every third time another process has to go on: this one was killed before it could try again.
    if (time % 3 === 0) backlog = await start();
    await ship(backlog);
    const rows = await totals('count(*)');
    expect([backlog.depth, rows]).toEqual([0, expect.objectContaining({ requests: recorded })]);
    expect(await totals('sum(requests)')).toEqual(rows);
  }
  await backlog.close();
});

it.each([
  ['a count that is too large', { promptTokens: 2 ** 31 }],
  ['a NUL', { endpoint: 'chat\u0000' }],
  ['half of a surrogate pair', { endpoint: '\ud800' }],
  ['no id', { id: 'none' }],
  ['a field that is missing', { tier: undefined as unknown as string }],
])('a row that PostgreSQL cannot take (%s) holds up no other', async (_what, fields) => {
  Logger.overrideLogger(false);
  const recorder = new UsageRecorder(readConfig({ MAAS_DATA_DIR: folder.path }), service);
  const before = (await totals('count(*)'))?.requests ?? 0;
  recorder.record(rowOf(1_000_000 + before, fields));
  for (let number = 1; number <= 20; number += 1) recorder.record(rowOf(1_000_000 + before + number));
  await recorder.flush();
  expect([recorder.depth, (await totals('count(*)'))?.requests]).toEqual([0, before + 20]);
  await recorder.beforeApplicationShutdown();
});
