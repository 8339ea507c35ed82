import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, dropTestDatabase, type TestDatabase } from '@maas/database/test-database';
import { createSimulator, type Simulator } from '@maas/simulator/server';
import pg from 'pg';
import { DatabaseService } from '../src/database/database.service.js';
import type { UsageRecord } from '../src/usage/usage-record.js';
import { writeUsage } from '../src/usage/write-usage.js';
import { rowOf } from './journal-rows.js';
import { administer, mint, setUp, unlimited } from './outage-installation.js';
import { call, chat, createEmptyDatabase, killAll, type MaasProcess, startMaas } from './process-maas.js';
import { eventually, openAnswer } from './streams.js';

const SUMS = `sum(prompt_tokens)::int AS prompt, sum(completion_tokens)::int AS completion, sum(duration_ms)::int AS ms,
  coalesce(sum(first_byte_ms), 0)::int AS first_byte`;

/** The sums are those of the rows: no row was counted twice or not at all. */
async function expectSumsOfRows(database: pg.Client): Promise<void> {
  const { rows } = await database.query<{ rows: object; sums: object }>(
    `SELECT (SELECT row_to_json(x) FROM (SELECT count(*)::int AS requests, count(first_byte_ms)::int AS first_bytes,
              count(*) FILTER (WHERE status >= 400)::int AS errors, ${SUMS} FROM usage_event) x) AS rows,
            (SELECT row_to_json(x) FROM (SELECT sum(requests)::int AS requests, sum(first_byte_count)::int AS first_bytes,
              sum(errors)::int AS errors, ${SUMS} FROM usage_hourly) x) AS sums`,
  );
  expect(rows[0]?.sums).toEqual(rows[0]?.rows);
}

describe('what is known of one request from before and after a kill', () => {
  let test: TestDatabase;
  let service: DatabaseService;
  let database: pg.Client;
  let requests = 0;

  beforeAll(async () => {
    test = await createTestDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
    service = new DatabaseService(test.url);
    database = new pg.Client({ connectionString: test.url });
    await database.connect();
  });
  afterAll(async () => {
    await service.onApplicationShutdown();
    await database.end();
    await test.drop();
  });

  /** Twice under way, and then ended. */
  function lifeOf(number: number): readonly [UsageRecord, UsageRecord, UsageRecord] {
    const open = { status: 500, countSource: 'counted' as const };
    return [
      rowOf(number, { ...open, promptTokens: 0, completionTokens: 0, firstByteMs: null, durationMs: 1000 }),
      rowOf(number, { ...open, promptTokens: 11, completionTokens: 40, firstByteMs: 1500, durationMs: 2000 }),
      rowOf(number, { promptTokens: 12, completionTokens: 90, firstByteMs: 1500, durationMs: 3000 }),
    ];
  }

  async function stored({ id }: UsageRecord): Promise<object | undefined> {
    const { rows } = await database.query<object>(
      `SELECT status, prompt_tokens, completion_tokens, count_source, first_byte_ms, duration_ms
       FROM usage_event WHERE id = $1`,
      [id],
    );
    expect(rows).toHaveLength(1);
    return rows[0];
  }

  const asStored = (row: UsageRecord) => ({
    status: row.status,
    prompt_tokens: row.promptTokens,
    completion_tokens: row.completionTokens,
    count_source: row.countSource,
    first_byte_ms: row.firstByteMs,
    duration_ms: row.durationMs,
  });

  it.each([
    [[0], 0],
    [[0, 1], 1],
    [[1, 0], 1],
    [[2, 1, 0], 2],
    [[1, 2, 0], 2],
    [[0, 1, 2], 2],
    [[0, 2, 1, 2, 0], 2],
  ] as const)(
    'is one row with what is known best, in whichever order it comes (%j), together or apart',
    async (order, best) => {
      const apart = lifeOf((requests += 1));
      for (const at of order) await writeUsage(service.writer, [apart[at]]);
      expect(await stored(apart[0])).toEqual(asStored(apart[best]));
      const together = lifeOf((requests += 1));
      await writeUsage(
        service.writer,
        order.map((at) => together[at]),
      );
      expect(await stored(together[0])).toEqual(asStored(together[best]));
      await expectSumsOfRows(database);
    },
  );

  it('is one row also where two processes write it at the same moment', async () => {
    for (let time = 0; time < 40; time += 1) {
      const lives = Array.from({ length: 20 }, () => lifeOf((requests += 1)));
      await Promise.all([0, 2, 1].map((at) => writeUsage(service.writer, lives.map((life) => life[at] ?? life[2])))); // prettier-ignore
      for (const life of lives) expect(await stored(life[2])).toEqual(asStored(life[2]));
    }
    await expectSumsOfRows(database);
  });
});

describe('streams that are under way when the process is killed', () => {
  const STREAMS = 24;
  /** Long enough for all that comes before the kill, on a slow machine too. */
  const LONG = { tokens: 60_000, token_ms: 20, ttft_ms: 5 };
  let simulator: Simulator;
  let databaseUrl: string;
  let dataDir: string;
  let database: pg.Client;
  let maas: MaasProcess;
  let token: string;

  const start = () =>
    startMaas({ DATABASE_URL: databaseUrl, MAAS_DATA_DIR: dataDir, SIMULATOR_URL: simulator.url, LOG_LEVEL: 'warn' });

  beforeAll(async () => {
    simulator = createSimulator({ recordedRequests: 1000 });
    await simulator.listen();
    databaseUrl = await createEmptyDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
    dataDir = mkdtempSync(join(tmpdir(), 'maas-open-'));
    database = new pg.Client({ connectionString: databaseUrl });
    await database.connect();
    maas = await start();
    const identity = await setUp(maas);
    await administer(maas, identity, '/tiers/free', 'PATCH', unlimited);
    token = await mint(maas, identity);
  });
  afterAll(async () => {
    killAll();
    await database.end();
    await dropTestDatabase(databaseUrl);
    await simulator.close();
    await rm(dataDir, { recursive: true });
  });

  /** Opens a stream and reads it as it comes. @returns its row's id and the id that the simulator gave it */
  async function openStream(): Promise<{ id: string; answer: string }> {
    const body = chat({ stream: true, simulator: LONG });
    const stream = await openAnswer(`${maas.url}/v1/chat/completions`, token, body);
    const [, answer = ''] = /"id":"([^"]+)"/.exec(await stream.nextFrame()) ?? [];
    stream.message.on('error', () => undefined);
    stream.rest().catch(() => undefined);
    return { id: String(stream.message.headers['x-request-id']), answer };
  }

  /** How many tokens the simulator has produced for each answer. */
  const produced = () => new Map(simulator.stats().recent.map(({ id, tokens }) => [id, tokens]));
  const leftFiles = () => readdirSync(join(dataDir, 'usage')).filter((name) => name.endsWith('.open'));

  /** What is on file of requests under way. */
  function onFile(): Map<string, number> {
    const text = leftFiles().map(contentOf).join('');
    const rows = [...text.matchAll(/"id":"([^"]+)".*"completionTokens":(\d+)/g)];
    return new Map(rows.map(([, id = '', tokens]) => [id, Number(tokens)]));
  }

  function contentOf(name: string): string {
    try {
      return readFileSync(join(dataDir, 'usage', name), 'utf8');
    } catch {
      // It was begun anew in this moment.
      return '';
    }
  }

  async function killAndRestart(): Promise<void> {
    maas.signal('SIGKILL');
    await maas.ended;
    maas = await start();
  }

  const interruptedRows = async () => {
    const { rows } = await database.query<{ id: string; tokens: number; prompt: number; said: string }>(
      `SELECT id, completion_tokens AS tokens, prompt_tokens AS prompt, concat_ws(' ', streamed, count_source, endpoint) AS said
       FROM usage_event WHERE status = 500`,
    );
    return rows;
  };

  const rowsOf = async (id: string) => {
    const sql = 'SELECT status, completion_tokens FROM usage_event WHERE id = $1';
    return (await database.query<object>(sql, [id])).rows;
  };

  it('have one row each, of what was produced until a second before; those that were answered have theirs', async () => {
    const streams = await Promise.all(Array.from({ length: STREAMS }, openStream));
    const answered = await call(maas, '/v1/chat/completions', { token, body: chat({ simulator: { tokens: 6 } }) });
    const before = produced();
    const isOnFile = () => {
      const known = onFile();
      return streams.every(({ id, answer }) => (known.get(id) ?? -1) >= (before.get(answer) ?? Infinity));
    };
    await eventually(isOnFile, 'what was produced until now is on file');
    await killAndRestart();
    const after = produced();
    await eventually(async () => (await interruptedRows()).length >= STREAMS, 'a row for each stream');
    const rows = await interruptedRows();
    expect(rows.map(({ id }) => id).sort()).toEqual(streams.map(({ id }) => id).sort());
    for (const { id, tokens, prompt, said } of rows) {
      const { answer = '' } = streams.find((stream) => stream.id === id) ?? {};
      expect(tokens).toBeGreaterThanOrEqual(before.get(answer) ?? Infinity);
      expect(tokens).toBeLessThanOrEqual(after.get(answer) ?? 0);
      expect([prompt > 0, said]).toEqual([true, 't counted chat/completions']);
    }
    const { 'x-request-id': id = '' } = Object.fromEntries(answered.headers);
    await eventually(async () => (await rowsOf(id)).length > 0, 'the row of the answer');
    expect(await rowsOf(id)).toEqual([{ status: 200, completion_tokens: 6 }]);
    await expectSumsOfRows(database);
  });

  it('are counted once when the process that recovers them is killed too', async () => {
    const before = (await interruptedRows()).length;
    const streams = await Promise.all(Array.from({ length: STREAMS }, openStream));
    await eventually(() => streams.every(({ id }) => (onFile().get(id) ?? 0) > 0), 'all on file');
    for (let time = 0; time < 2; time += 1) await killAndRestart();
    await eventually(async () => (await interruptedRows()).length >= before + STREAMS, 'a row each');
    await eventually(() => leftFiles().length === 0, 'nothing is left on file');
    expect((await interruptedRows()).length).toBe(before + STREAMS);
    await expectSumsOfRows(database);
  });

  it('and that end well are never taken for interrupted, not even by a process that starts beside them', async () => {
    const before = (await interruptedRows()).length;
    const body = chat({ stream: true, simulator: { tokens: 300, token_ms: 20 } });
    const stream = await openAnswer(`${maas.url}/v1/chat/completions`, token, body);
    const id = String(stream.message.headers['x-request-id']);
    await stream.nextFrame();
    const beside = await start();
    expect((await stream.rest()).endsWith('data: [DONE]\n\n')).toBe(true);
    await eventually(async () => (await rowsOf(id)).length > 0, 'its row');
    expect(await rowsOf(id)).toEqual([{ status: 200, completion_tokens: 300 }]);
    for (const process of [beside, maas]) {
      process.signal('SIGTERM');
      expect((await process.ended).code).toBe(0);
    }
    expect(leftFiles()).toEqual([]);
    expect((await interruptedRows()).length).toBe(before);
    await expectSumsOfRows(database);
  });
});
