import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { administer, mint, setUp, unlimited } from '../../apps/api/test/outage-installation.js';
import { chat, createEmptyDatabase, startMaas } from '../../apps/api/test/process-maas.js';
import { temporaryFolder } from '../../apps/api/test/journal-rows.js';
import { startFakeModel } from '../../apps/api/test/fake-model.js';
import { chunk, eventually } from '../../apps/api/test/streams.js';
import { dropTestDatabase } from '@maas/database/test-database';
import { createSimulator } from '@maas/simulator/server';
import { quantile } from '../kit/quantile.js';
import { SlowReader } from '../kit/slow-reader.js';
import { SteadyLoad } from '../kit/steady-load.js';
import { measure } from '../measure.js';

interface Size {
  readonly slowReaders: number;
  readonly requestsPerSecond: number;
  readonly baselineSeconds: number;
  /** Buffers and caches fill first. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** What the watched process says of itself, in bytes and milliseconds. */
interface Watched {
  readonly rss: number;
  readonly loopP99: number;
}

const READ_EVERY = 1000;
const READ_BYTES = 4096;
/** One event of the stream that they read; it comes as fast as it is taken. */
const EVENT = chunk('word '.repeat(800));
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
      absent(key, 'what is read of a process is in /proc, on Linux');
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
    SCORECARD_WATCH: watch,
    NODE_OPTIONS: `--import=${fileURLToPath(new URL('../kit/loop-watch.mjs', import.meta.url))}`,
  });
  defer(() => maas.signal('SIGKILL'));
  const identity = await setUp(maas);
  await administer(maas, identity, '/tiers/free', 'PATCH', unlimited);
  const token = await mint(maas, identity);
  const backend = await startFakeModel();
  defer(() => backend.close());
  const model = { id: 'endless', name: 'Endless', tiers: ['free'], backends: [{ url: backend.url }] };
  await administer(maas, identity, '/models', 'POST', model);
  let open = 0;
  backend.behave((_request, response) => {
    open += 1;
    response.once('close', () => (open -= 1));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const fill = () => {
      while (response.write(EVENT));
    };
    response.on('drain', fill);
    fill();
  });
  const watched = () => JSON.parse(readFileSync(watch, 'utf8')) as Watched;
  const files = () => readdirSync(`/proc/${maas.pid}/fd`).length;

  const load = new SteadyLoad(() => [maas], token, size.requestsPerSecond);
  defer(() => load.stop());
  await wait(2000);
  const begun = load.answered.length;
  await wait(size.baselineSeconds * 1000);
  const [calm, idle, filesBefore] = [p99(load, begun), watched(), files()];

  const request = SlowReader.request(token, chat({ model: 'endless', stream: true }));
  const readers: SlowReader[] = [];
  defer(() => readers.forEach((each) => each.close()));
  while (readers.length < size.slowReaders) {
    readers.push(new SlowReader(maas.url, request, READ_EVERY, READ_BYTES));
    if (readers.length % 50 === 0) await wait(100);
  }
  await eventually(() => open >= size.slowReaders * 0.95, 'all are under way', 30_000);
  await wait(size.warmUpSeconds * 1000);
  const from = load.answered.length;
  const samples: Watched[] = [];
  while (samples.length < size.seconds) {
    await wait(1000);
    samples.push(watched());
  }
  const busy = p99(load, from);
  const taken = readers.reduce((sum, { bytes }) => sum + bytes, 0);
  const cut = readers.reduce((sum, { ended }) => sum + ended, 0);
  for (const each of readers) each.close();
  await eventually(() => open === 0, 'the streams have ended', 30_000);
  const isBack = () => files() <= filesBefore + size.requestsPerSecond;
  await eventually(isBack, 'the descriptors are closed', 20_000).catch(() => undefined);
  await load.stop();

  const what = `${size.slowReaders} readers of ${READ_BYTES} B/s, ${size.requestsPerSecond} requests/s, ${size.seconds} s`;
  const grown = (samples[0]?.rss ?? 0) - idle.rss;
  record(
    'rss',
    growth(samples),
    `${what} after ${size.warmUpSeconds} s; ${(idle.rss / MIB).toFixed(0)} MiB before them`,
  );
  record(
    'each',
    Math.max(0, grown) / 1024 / size.slowReaders,
    `${(grown / MIB).toFixed(0)} MiB in all; they took ${taken} bytes, ${cut} cut`,
  );
  record('loop', quantile(samples.map(({ loopP99 }) => loopP99), 0.5), `of the seconds' p99 the median; worst ${Math.max(...samples.map(({ loopP99 }) => loopP99)).toFixed(0)} ms`); // prettier-ignore
  record('fast', (100 * (busy - calm)) / calm, `${calm.toFixed(1)} ms before, ${busy.toFixed(1)} ms with them`);
  // Connections of the steady load are kept alive, and come and go with it.
  record('files', Math.max(0, files() - filesBefore), `${filesBefore} before, ${files()} after`);
});
