import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { readConfig } from '../src/config.js';
import { UsageRecorder } from '../src/usage/usage-recorder.service.js';
import { rowOf } from './journal-rows.js';
import { JournalStand } from './journal-stand.js';
import { eventually } from './streams.js';

const LOST_ANSWERS = 50;
const ROWS = 40;

let stand: JournalStand;

beforeAll(async () => {
  stand = await JournalStand.create();
});
afterAll(() => stand.remove());

it(`a batch whose commit we were not told of, ${LOST_ANSWERS} times, is counted once each time`, async () => {
  let backlog = await stand.start();
  let recorded = 0;
  const record = () => backlog.add([rowOf((recorded += 1))]);
  for (let time = 1; time <= LOST_ANSWERS; time += 1) {
    record();
    // Also makes the connection on which the next batch goes.
    await stand.ship(backlog);
    for (let count = 0; count < ROWS; count += 1) record();
    stand.gate.mute();
    const outcome = stand.ship(backlog).then(
      () => 'told',
      () => 'not told',
    );
    await eventually(async () => (await stand.totals('rows'))?.requests === recorded, 'the commit');
    stand.gate.cut();
    expect([await outcome, backlog.depth]).toEqual(['not told', ROWS]);
    stand.gate.open();
    // Every third time another process has to go on: this one was killed before it could try again.
    if (time % 3 === 0) backlog = await stand.start();
    await stand.ship(backlog);
    const rows = await stand.totals('rows');
    expect([backlog.depth, rows]).toEqual([0, expect.objectContaining({ requests: recorded })]);
    expect(await stand.totals('sums')).toEqual(rows);
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
  const recorder = new UsageRecorder(readConfig({ MAAS_DATA_DIR: stand.folder.path }), stand.service);
  const before = (await stand.totals('rows'))?.requests ?? 0;
  recorder.record(rowOf(1_000_000 + before, fields));
  for (let number = 1; number <= 20; number += 1) recorder.record(rowOf(1_000_000 + before + number));
  await recorder.flush();
  expect([recorder.depth, (await stand.totals('rows'))?.requests]).toEqual([0, before + 20]);
  await recorder.beforeApplicationShutdown();
});
