import type { LoginResult } from '@maas/contracts/auth';
import type { CreatedToken } from '@maas/contracts/tokens';
import { administrator, type Cluster, startCluster } from '../../apps/api/test/cluster.js';
import { call } from '../../apps/api/test/process-maas.js';
import { eventually } from '../../apps/api/test/streams.js';
import { hasRedis, limitStores, noRedis, startStore, unlimited } from '../kit/limit-stores.js';
import { canTurnClocks, TurnedProcessClock } from '../kit/turned-process-clock.js';
import { measure } from '../measure.js';

interface Size {
  readonly jumps: number;
  readonly limit: number;
}

const HOUR = 3600;
const WINDOW = 60_000;
const noFaketime = 'no libfaketime (Debian: faketime) on this machine';

/** The clock that a process goes by, from its answers. */
async function clockOf(cluster: Cluster, index: number): Promise<number> {
  const { headers } = await call(cluster.at(index), '/healthz');
  return Date.parse(headers.get('date') ?? '');
}

async function turn(clock: TurnedProcessClock, cluster: Cluster, seconds: number): Promise<void> {
  clock.turn(seconds);
  const isTurned = async () => Math.abs((await clockOf(cluster, 0)) - Date.now() - seconds * 1000) < 5000;
  await eventually(isTurned, `the clock is turned by ${seconds} s`, 10_000);
}

/** Uses a limit up, and asks again after each jump. @returns how many more were let in within 60 s than the limit */
async function beyond(cluster: Cluster, clock: TurnedProcessClock, { jumps, limit }: Size): Promise<number> {
  const token = await cluster.member({ ...unlimited, requestsPerMinute: limit });
  const began = performance.now();
  let letIn = 0;
  const ask = async (times: number) => {
    for (let index = 0; index < times; index += 1) {
      const { status } = await cluster.ask(index, token);
      if (status === 200) letIn += 1;
    }
  };
  await ask(limit + 5);
  for (let jump = 0; jump < jumps; jump += 1) {
    await turn(clock, cluster, [HOUR, 0, -HOUR, 0][jump % 4] ?? 0);
    await ask(10);
  }
  await turn(clock, cluster, 0);
  if (performance.now() - began > WINDOW) throw new Error('it took longer than the window: nothing can be said');
  return letIn - limit;
}

/** @returns how many tokens a process accepts that are expired by its clock for most of an hour */
async function expiredAccepted(cluster: Cluster, clock: TurnedProcessClock, count: number): Promise<number> {
  const login = await call<LoginResult>(cluster.at(0), '/maas-api/v1/login', { body: administrator });
  const tokens: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const asked = { method: 'POST', token: login.body.token, body: { expiration: '10m' } };
    tokens.push((await call<CreatedToken>(cluster.at(0), '/maas-api/v1/tokens', asked)).body.token);
  }
  const accepted = async () => {
    const answers = await Promise.all(tokens.map((token) => call(cluster.at(0), '/v1/models', { token })));
    return answers.filter(({ status }) => status !== 401).length;
  };
  const before = await accepted();
  if (before !== count) throw new Error(`${count - before} fresh tokens were refused`);
  await turn(clock, cluster, HOUR);
  return accepted();
}

// S14: the wall clock of one process jumps by an hour, forth and back, while limits are used up.
measure<Size>('S14', async ({ size, record, absent, defer }) => {
  if (!canTurnClocks) {
    for (const key of [...limitStores, 'process', 'expired']) absent(key, noFaketime);
    return;
  }
  const clock = new TurnedProcessClock();
  defer(() => clock.remove());
  const note = `limit ${size.limit}, ${size.jumps} jumps of an hour of one process's clock`;
  for (const store of [...limitStores, 'process'] as const) {
    if (store === 'redis' && !hasRedis) {
      absent(store, noRedis);
      continue;
    }
    const settings = store === 'process' ? { LIMITS: store } : (await startStore(store, defer)).settings;
    const cluster = await startCluster(1, { ...settings, LIMITS_TIMEOUT: '10s', ...clock.environment });
    record(store, Math.max(0, await beyond(cluster, clock, size)), note);
    if (store === 'process') {
      const tokens = 20;
      record('expired', await expiredAccepted(cluster, clock, tokens), `of ${tokens} of 10 minutes, an hour later`);
    }
    await cluster.stop();
    clock.turn(0);
  }
});
