import { atATime, type Cluster, later, startCluster } from '../../apps/api/test/cluster.js';
import { startOutagePostgres } from '../../apps/api/test/outage-postgres.js';
import { call } from '../../apps/api/test/process-maas.js';
import type { Dice } from '../kit/dice.js';
import { count, hasRedis, noRedis, startStore, unlimited } from '../kit/limit-stores.js';
import { range } from '../kit/quantile.js';
import { measure } from '../measure.js';

interface Size {
  readonly runs: number;
  readonly requests: number;
  readonly atOnce: number;
  readonly limit: number;
}

/** One more than there are, as during a rolling update: each process may let a quarter of a limit in. */
const MOST_PROCESSES = { MAAS_MAX_PROCESSES: '4', LIMITS_WHEN_UNAVAILABLE: 'share' };

interface Store {
  kill(): void;
  restart(): Promise<void>;
}

/** Each process counts with the others again, and has its database, which may be the store. */
async function isWell({ processes }: Cluster): Promise<boolean> {
  const asked = processes.map((each) => call<{ status?: string; limits?: { state?: string } }>(each, '/readyz'));
  const answers = await Promise.all(asked);
  return answers.every(({ body }) => body.status === 'ready' && body.limits?.state === 'shared');
}

/** Has the store killed in the middle of each run. @returns how many were let in, and answers that were neither */
async function runs(size: Size, cluster: Cluster, store: Store, dice: Dice) {
  const letIn: number[] = [];
  let other = 0;
  for (let run = 0; run < size.runs; run += 1) {
    while (!(await isWell(cluster))) await later(50);
    const token = await cluster.member({ ...unlimited, requestsPerMinute: size.limit });
    const killAt = dice.between(20, 2 * size.limit);
    let asked = 0;
    const answers = await atATime(size.requests, size.atOnce, (index) => {
      if ((asked += 1) === killAt) store.kill();
      return cluster.ask(index, token);
    });
    letIn.push(count(answers, 200));
    other += size.requests - count(answers, 200) - count(answers, 429);
    await store.restart();
  }
  return { letIn, other };
}

// S3b: the same while the store of the limits is killed, with the policy `share`.
measure<Size>('S3b', async ({ size, dice, record, absent, defer }) => {
  let other = 0;
  const say = (store: string, letIn: number[]) => {
    const above = letIn.filter((each) => each > size.limit).length;
    const seen = `${range(letIn)} in ${size.runs} runs, ${above} of them above the limit of ${size.limit}`;
    const note = `${seen}; ${size.requests} requests, 3 processes of at most 4`;
    record(`${store}.most`, Math.max(...letIn), note);
    record(`${store}.least`, Math.min(...letIn), note);
  };
  if (hasRedis) {
    const { settings, redis } = await startStore('redis', defer);
    if (!redis) throw new Error('no Redis');
    const cluster = await startCluster(3, { ...settings, ...MOST_PROCESSES });
    const store = { kill: () => redis.signal('SIGKILL'), restart: () => redis.restart() };
    const seen = await runs(size, cluster, store, dice);
    say('redis', seen.letIn);
    other += seen.other;
    await cluster.stop();
  } else for (const key of ['redis.most', 'redis.least']) absent(key, noRedis);

  const postgres = await startOutagePostgres();
  defer(() => postgres.remove());
  await postgres.start();
  const cluster = await startCluster(3, { ...MOST_PROCESSES, LIMITS: 'postgres' }, postgres.adminUrl);
  const store = { kill: () => void postgres.kill(), restart: () => postgres.start() };
  const seen = await runs(size, cluster, store, dice);
  await cluster.stop();
  say('postgres', seen.letIn);
  record('other', other + seen.other, `of ${(hasRedis ? 2 : 1) * size.runs * size.requests}`);
});
