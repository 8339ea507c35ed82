import { atATime, startCluster } from '../../apps/api/test/cluster.js';
import { count, hasRedis, limitStores, noRedis, startStore, unlimited } from '../kit/limit-stores.js';
import { range } from '../kit/quantile.js';
import { measure } from '../measure.js';

interface Size {
  readonly processes: number;
  readonly runs: number;
  readonly requests: number;
  readonly atOnce: number;
  readonly limit: number;
}

// S3: many requests at once of one person over several processes, at a limit of fewer.
measure<Size>('S3', async ({ size, record, absent, defer }) => {
  for (const store of limitStores) {
    if (store === 'redis' && !hasRedis) {
      absent(store, noRedis);
      continue;
    }
    const { settings } = await startStore(store, defer);
    // What is measured is the counting; a busy machine must not be taken for a store that is away.
    const cluster = await startCluster(size.processes, { ...settings, LIMITS_TIMEOUT: '10s' });
    const letIn: number[] = [];
    let others = 0;
    for (let run = 0; run < size.runs; run += 1) {
      const token = await cluster.member({ ...unlimited, requestsPerMinute: size.limit });
      const answers = await atATime(size.requests, size.atOnce, (index) => cluster.ask(index, token));
      letIn.push(count(answers, 200));
      others += size.requests - count(answers, 200) - count(answers, 429);
    }
    await cluster.stop();
    const farthest = letIn.reduce((a, b) => (Math.abs(b - size.limit) > Math.abs(a - size.limit) ? b : a));
    const note = `${range(letIn)} in ${size.runs} runs of ${size.requests}, ${size.atOnce} at a time, ${size.processes} processes`;
    record(store, farthest, others === 0 ? note : `${note}; ${others} answers were neither 200 nor 429`);
  }
});
