import { Traffic } from '../../apps/api/test/journal-traffic.js';
import { mint, administer, kill, setUp, unlimited } from '../../apps/api/test/outage-installation.js';
import { chat, createEmptyDatabase, type MaasProcess, startMaas } from '../../apps/api/test/process-maas.js';
import { temporaryFolder } from '../../apps/api/test/journal-rows.js';
import { eventually, openAnswer } from '../../apps/api/test/streams.js';
import { dropTestDatabase } from '@maas/database/test-database';
import { createSimulator } from '@maas/simulator/server';
import { UsageLedger } from '../kit/usage-ledger.js';
import { measure } from '../measure.js';

interface Size {
  readonly kills: number;
  readonly requests: number;
  readonly longStreams: number;
  readonly longestLifeSeconds: number;
}

/** Streams of which none ends by itself. */
const LONG = { tokens: 60_000, token_ms: 20, ttft_ms: 5 };
const MOST_TOKENS_SHORT = 64;
const MOST_MILLISECONDS_SHORT = 1000;

interface Opened {
  /** Of its row. */
  readonly id: string;
  /** By which the simulator knows it. */
  readonly answer: string;
}

async function openStream(maas: MaasProcess, token: string): Promise<Opened> {
  const body = chat({ stream: true, simulator: LONG });
  const stream = await openAnswer(`${maas.url}/v1/chat/completions`, token, body);
  const [, answer = ''] = /"id":"([^"]+)"/.exec(await stream.nextFrame()) ?? [];
  stream.message.on('error', () => undefined);
  stream.rest().catch(() => undefined);
  return { id: String(stream.message.headers['x-request-id']), answer };
}

// S2: a process is killed again and again, at any instant, while it answers short requests and long streams.
measure<Size>('S2', async ({ size, dice, record, defer }) => {
  const simulator = createSimulator({ recordedRequests: size.requests * 4 });
  await simulator.listen();
  defer(() => simulator.close());
  const databaseUrl = await createEmptyDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
  defer(() => dropTestDatabase(databaseUrl));
  const folder = temporaryFolder();
  defer(() => folder.remove());
  const settings = { DATABASE_URL: databaseUrl, MAAS_DATA_DIR: folder.path, SIMULATOR_URL: simulator.url };
  let maas = await startMaas(settings);
  defer(() => kill(maas));
  const identity = await setUp(maas);
  await administer(maas, identity, '/tiers/free', 'PATCH', unlimited);
  const token = await mint(maas, identity);

  const traffic = new Traffic(() => maas, token);
  const opened: Opened[] = [];
  for (let count = 1; count <= size.kills; count += 1) {
    const streams = await Promise.all(Array.from({ length: size.longStreams }, () => openStream(maas, token)));
    opened.push(...streams);
    await new Promise((resolve) => setTimeout(resolve, dice.next() * size.longestLifeSeconds * 1000));
    const due = (size.requests * count) / size.kills;
    await eventually(() => traffic.received.length >= due, `${due} answers`, 120_000);
    await kill(maas);
    maas = await startMaas(settings);
  }
  await traffic.stop();
  const ledger = await UsageLedger.open(databaseUrl);
  defer(() => ledger.close());
  const isWritten = async () => {
    const rows = await ledger.rows();
    return traffic.received.every(({ id }) => rows.has(id));
  };
  await eventually(isWritten, 'all rows', 20_000).catch(() => undefined);
  // What is on file of interrupted streams is delivered after the start, too.
  await new Promise((resolve) => setTimeout(resolve, 3000));

  const rows = await ledger.rows();
  const wrong = traffic.received.filter(({ id, status, streamed, tokens }) => {
    const row = rows.get(id);
    return row?.status !== status || row.streamed !== streamed || row.tokens !== tokens;
  });
  const produced = new Map(simulator.stats().recent.map(({ id, tokens }) => [id, tokens]));
  const short = opened.map(({ id, answer }) => (produced.get(answer) ?? 0) - (rows.get(id)?.tokens ?? 0));
  const tooShort = short.filter((by) => by > MOST_TOKENS_SHORT && by * LONG.token_ms > MOST_MILLISECONDS_SHORT);
  const counts = await ledger.counts();
  const over = short.reduce((sum, by) => sum + Math.max(0, -by), 0);
  const beyondAll = Math.max(0, counts.rowTokens - simulator.stats().tokens);
  record('lost', wrong.length, `of ${traffic.received.length} answers, ${size.kills} kills`);
  record('under', tooShort.length, `of ${short.length}; at most ${Math.max(...short)} tokens short at 50 a second`);
  record('over', over + beyondAll, `of ${simulator.stats().tokens}`);
  record('sums', Math.abs(counts.requests - counts.rows), `of ${counts.rows}`);
});
