import { administer, becomes, mint, OutageInstallation, setUp } from '../../apps/api/test/outage-installation.js';
import type { MaasProcess } from '../../apps/api/test/process-maas.js';
import { eventually } from '../../apps/api/test/streams.js';
import { quantile } from '../kit/quantile.js';
import { SteadyLoad } from '../kit/steady-load.js';
import { UsageLedger } from '../kit/usage-ledger.js';
import { measure } from '../measure.js';

interface Size {
  readonly outageSeconds: number;
  readonly requestsPerSecond: number;
  readonly processes: number;
}

/** So high that they refuse nobody, and finite, so that each request is counted. */
const limits = { requestsPerMinute: 1_000_000, tokensPerMinute: 100_000_000 };
const DEGRADED = 10_000;
const WRITTEN = 120_000;
const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

// S1: PostgreSQL is killed under load and away for minutes; meanwhile one process is restarted.
measure<Size>('S1', async ({ size, record, defer }) => {
  const installation = await OutageInstallation.create();
  defer(() => installation.remove());
  const folder = installation.folder();
  const first = await installation.start(folder);
  const identity = await setUp(first);
  await administer(first, identity, '/tiers/free', 'PATCH', limits);
  const token = await mint(first, identity);
  const all = [first];
  while (all.length < size.processes) all.push(await installation.start(folder));
  for (const each of all) await becomes(each, '200 ready');
  let serving: readonly MaasProcess[] = all;
  const load = new SteadyLoad(() => serving, token, size.requestsPerSecond);
  defer(() => load.stop());

  await wait(2000);
  await installation.postgres.kill();
  const away = performance.now();
  const before = load.answered.length;
  for (const each of all) await becomes(each, '200 degraded', DEGRADED);
  await wait((size.outageSeconds * 1000) / 3);
  // A rolling update does so: no new requests, then the signal.
  const [last] = serving.slice(-1);
  if (!last) throw new Error('no process');
  serving = serving.slice(0, -1);
  await load.idle(last);
  last.signal('SIGTERM');
  await last.ended;
  const next = await installation.startWithoutDatabase(folder);
  await becomes(next, '200 degraded', DEGRADED);
  serving = [...serving, next];
  await wait(size.outageSeconds * 1000 - (performance.now() - away));

  const answered = load.answered.length;
  await installation.postgres.start();
  const back = performance.now();
  const ledger = await UsageLedger.open(installation.databaseUrl);
  defer(() => ledger.close());
  await eventually(async () => (await ledger.counts()).rows >= answered, 'the backlog is written', WRITTEN);
  const drained = (performance.now() - back) / 1000;
  await load.stop();
  await eventually(async () => (await ledger.counts()).rows >= load.answered.length, 'all is written', WRITTEN);

  const rows = await ledger.rows();
  const { requests } = await ledger.counts();
  const good = load.answered.filter(({ status }) => status < 500).length;
  const asked = load.answered.length + load.broken.length;
  const p99 = quantile(load.answered.map(({ milliseconds }) => milliseconds), 0.99); // prettier-ignore
  const seconds = Math.round((back - away) / 1000);
  const whole = `of ${asked} in all, ${answered - before} in ${seconds} s without it, ${size.processes} processes, one restarted`;
  record('answered', (100 * good) / asked, `${whole}; p99 ${p99.toFixed(0)} ms; ${load.broken.slice(0, 3).join(', ')}`);
  record('lost', load.answered.filter(({ id }) => !rows.has(id)).length, `of ${load.answered.length}`);
  record('doubled', Math.max(0, requests - rows.size, rows.size - asked), `sums say ${requests}, rows ${rows.size}`);
  record('drained', drained, `${answered - before} rows`);
});
