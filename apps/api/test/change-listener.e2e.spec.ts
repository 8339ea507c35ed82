import { Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, dropTestDatabase } from '@maas/database/test-database';
import { ChangeListener } from '../src/database/change-listener.js';
import { type DatabaseGate, startDatabaseGate } from './journal-gate.js';
import { eventually } from './streams.js';

let url: string;
let gate: DatabaseGate;
let database: pg.Client;
let listener: ChangeListener;
let told = 0;

beforeAll(async () => {
  ({ url } = await createTestDatabase(process.env['MAAS_TEST_POSTGRES'] ?? ''));
  gate = await startDatabaseGate(url);
  database = new pg.Client({ connectionString: url });
  await database.connect();
  listener = new ChangeListener(
    gate.url,
    () => new Socket(),
    () => (told += 1),
  );
  await listener.start();
});
afterAll(async () => {
  await listener.stop();
  await database.end();
  await gate.close();
  await dropTestDatabase(url);
});

const change = async () => {
  const { rows } = await database.query(`INSERT INTO config_change (topic) VALUES ('users') RETURNING seq`);
  return BigInt((rows[0] as { seq: string }).seq);
};

it('says which change is the newest', async () => {
  const seq = await change();
  await eventually(async () => (await listener.newest()) === seq, 'it says it');
});

it('does not say where its connection stands still, so that it is asked for elsewhere, and connects anew', async () => {
  gate.freeze();
  const seq = await change();
  expect(await listener.newest()).toBeUndefined();
  expect(await listener.newest()).toBeUndefined();

  gate.open();
  await eventually(async () => (await listener.newest()) === seq, 'it is connected again');
  const before = told;
  await database.query(`SELECT pg_notify('maas_change', '')`);
  await eventually(() => told > before, 'it is told of changes again');
});
