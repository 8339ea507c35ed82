import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { administer, mint, setUp, unlimited } from '../../apps/api/test/outage-installation.js';
import { rawRequest } from '../../apps/api/test/raw-request.js';
import { chat, createEmptyDatabase, startMaas } from '../../apps/api/test/process-maas.js';
import { temporaryFolder } from '../../apps/api/test/journal-rows.js';
import { eventually } from '../../apps/api/test/streams.js';
import { dropTestDatabase } from '@maas/database/test-database';
import { createSimulator } from '@maas/simulator/server';
import { quantile } from '../kit/quantile.js';
import { BYTES_A_SECOND, SlowClients } from '../kit/slow-clients.js';
import { SteadyLoad } from '../kit/steady-load.js';
import { measure } from '../measure.js';

interface Size {
  readonly slowReaders: number;
  /**
   * So many of them are there when others are timed. Each fills some 2.5 MB of the system's own buffers; a thousand can fill
   * all that a system has for TCP, which then drops packets of everybody.
   */
  readonly beside: number;
  readonly requestsPerSecond: number;
  readonly baselineSeconds: number;
  /** Caches fill first; after the buffers of the system are full. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** What the watched process says of itself, in bytes and milliseconds. */
interface Watched {
  readonly rss: number;
  /** Of it, objects and buffers. */
  readonly used: number;
  readonly loopP99: number;
  readonly collections: number;
}

/** How long connections to backends are kept for the next request (the simulator says 75 s), and some more. */
const IDLE_CONNECTIONS = 85_000;
/** A shorter time says nothing of growth. */
const LEAST_SECONDS = 60;
const MIB = 1024 * 1024;
const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
const p99 = (load: SteadyLoad, from: number) =>
  quantile(load.answered.slice(from).map(({ milliseconds }) => milliseconds), 0.99); // prettier-ignore

/** The slope of the line of least squares, MiB a minute. */
function growth(samples: readonly Watched[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const minutes = samples.map((_, second) => second / 60);
  const sizes = samples.map(({ rss }) => rss / MIB);
  const [x, y] = [mean(minutes), mean(sizes)];
  const covariance = minutes.reduce((sum, minute, index) => sum + (minute - x) * ((sizes[index] ?? 0) - y), 0);
  return covariance / minutes.reduce((sum, minute) => sum + (minute - x) ** 2, 0);
}

// S11: many clients that read streams far slower than they come, beside some that want short answers.
measure<Size>('S11', async ({ size, record, absent, defer }) => {
  if (process.platform !== 'linux') {
    for (const key of ['rss', 'each', 'loop', 'fast', 'files'])
      absent(key, 'descriptors are counted in /proc, on Linux');
    return;
  }
  const simulator = createSimulator();
  await simulator.listen();
  defer(() => simulator.close());
  const databaseUrl = await createEmptyDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
  defer(() => dropTestDatabase(databaseUrl));
  const folder = temporaryFolder();
  defer(() => folder.remove());
  const watch = join(folder.path, 'watch.json');
  const maas = await startMaas({
    DATABASE_URL: databaseUrl,
    MAAS_DATA_DIR: join(folder.path, 'data'),
    SIMULATOR_URL: simulator.url,
    MAX_EVENT_LOOP_DELAY: '1s',
    SCORECARD_WATCH: watch,
    // And as it is started otherwise.
    NODE_OPTIONS: `--max-semi-space-size=8 --import=${fileURLToPath(new URL('../kit/loop-watch.mjs', import.meta.url))}`,
  });
  defer(async () => {
    maas.signal('SIGKILL');
    await maas.ended;
  });
  const identity = await setUp(maas);
  await administer(maas, identity, '/tiers/free', 'PATCH', unlimited);
  const token = await mint(maas, identity);
  const slow = await SlowClients.start();
  defer(() => slow.close());
  const model = { id: 'endless', name: 'Endless', tiers: ['free'], backends: [{ url: slow.url }] };
  await administer(maas, identity, '/models', 'POST', model);
  const watched = () => JSON.parse(readFileSync(watch, 'utf8')) as Watched;
  const collected = async () => {
    const { collections } = watched();
    maas.signal('SIGUSR2');
    await eventually(() => watched().collections > collections, 'memory is collected', 20_000);
    return watched();
  };
  const files = () => readdirSync(`/proc/${maas.pid}/fd`).length;
  await wait(1500);
  const filesBefore = files();

  const load = new SteadyLoad(() => [maas], token, size.requestsPerSecond);
  defer(() => load.stop());
  await wait(2000);
  const begun = load.answered.length;
  await wait(size.baselineSeconds * 1000);
  const [calm, idle] = [p99(load, begun), await collected()];

  const body = JSON.stringify(chat({ model: 'endless', stream: true }));
  const lines = ['content-type: application/json'];
  const request = rawRequest({ path: '/v1/chat/completions', token, body, lines });
  const readMore = async (count: number) => {
    if (count === 0) return;
    const all = slow.state.open + count;
    slow.read(count, maas.url, request);
    await eventually(() => slow.state.open >= all * 0.95, 'all are under way', 60_000);
    // Until then it is the system that takes what they do not read.
    const isHeldBack = () => slow.state.givenLately <= 2 * all * BYTES_A_SECOND;
    await eventually(isHeldBack, 'the backend is held back', 120_000);
    await wait(size.warmUpSeconds * 1000);
  };
  await readMore(size.beside);
  const from = load.answered.length;
  await wait(size.baselineSeconds * 1000);
  const busy = p99(load, from);
  await readMore(size.slowReaders - size.beside);
  const samples: Watched[] = [];
  while (samples.length < size.seconds) {
    await wait(1000);
    samples.push(watched());
  }
  const held = await collected();
  const { taken, cut } = slow.state;
  slow.stopReading();
  await load.stop();
  // A system without memory for TCP loses even what says that a client is gone, and says it again and again.
  await eventually(() => slow.state.open === 0, 'the streams have ended', 120_000);
  const isShort = size.seconds < LEAST_SECONDS;
  if (!isShort)
    await eventually(() => files() <= filesBefore, 'all is closed', IDLE_CONNECTIONS).catch(() => undefined);

  const what = `${size.slowReaders} readers of ${BYTES_A_SECOND} B/s, ${size.requestsPerSecond} requests/s, ${size.seconds} s`;
  const grown = held.rss - idle.rss;
  if (isShort) absent('rss', `${size.seconds} s say nothing of growth: as a whole only`);
  else
    record(
      'rss',
      growth(samples),
      `${what} after ${size.warmUpSeconds} s; ${((samples[0]?.rss ?? 0) / MIB).toFixed(0)} MiB at first`,
    );
  const sizes = `${(idle.rss / MIB).toFixed(0)} MiB before, ${(held.rss / MIB).toFixed(0)} with ${size.slowReaders}`;
  const used = `objects and buffers ${((held.used - idle.used) / 1024 / size.slowReaders).toFixed(0)} KiB each`;
  if (isShort) absent('each', 'what a process takes once hides what so few readers take: as a whole only');
  else
    record(
      'each',
      Math.max(0, grown) / 1024 / size.slowReaders,
      `${sizes}, both collected; ${used}; ${taken} bytes taken, ${cut} cut off`,
    );
  const loop = samples.map(({ loopP99 }) => loopP99);
  record(
    'loop',
    quantile(loop, 0.5),
    `median of the p99 of ${loop.length} s; worst ${Math.max(...loop).toFixed(0)} ms`,
  );
  if (isShort) absent('fast', 'a p99 needs more than so few requests: as a whole only');
  else
    record(
      'fast',
      (100 * (busy - calm)) / calm,
      `${calm.toFixed(1)} ms before, ${busy.toFixed(1)} ms with ${size.beside} of them, ${size.baselineSeconds} s each`,
    );
  if (isShort) absent('files', 'idle connections to backends stay for longer: as a whole only');
  else record('files', Math.max(0, files() - filesBefore), `${filesBefore} before, ${files()} after`);
});
