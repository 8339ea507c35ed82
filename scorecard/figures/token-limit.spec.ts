import { atATime, type Cluster, later, startCluster } from '../../apps/api/test/cluster.js';
import { chunk, DONE, eventually, usageChunk } from '../../apps/api/test/streams.js';
import { freeSlots } from '../kit/free-slots.js';
import { count, hasRedis, limitStores, noRedis, startStore, unlimited } from '../kit/limit-stores.js';
import { range } from '../kit/quantile.js';
import { measure } from '../measure.js';

interface Size {
  readonly processes: number;
  readonly runs: number;
  readonly requests: number;
  readonly atOnce: number;
  /** Tokens a minute. */
  readonly limit: number;
  /** What each request comes to. */
  readonly each: number;
  readonly kills: number;
  /** Streams that a process has under way when it is killed. */
  readonly held: number;
  readonly holdSeconds: number;
}

const PROMPT_TOKENS = 20;
/** What a busy machine may be late with an expiry. */
const LATE = 2000;

/** Streams at once of one person. @returns tokens above the limit */
async function overshoot(cluster: Cluster, { requests, atOnce, limit, each }: Size): Promise<number> {
  cluster.backend.behave((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunk('word'));
    setTimeout(() => response.end(usageChunk(PROMPT_TOKENS, each - PROMPT_TOKENS) + DONE), 20);
  });
  const token = await cluster.member({ ...unlimited, tokensPerMinute: limit });
  const fields = { stream: true, max_tokens: each };
  const answers = await atATime(requests, atOnce, (index) => cluster.ask(index, token, fields));
  const others = requests - count(answers, 200) - count(answers, 429);
  if (others > 0) throw new Error(`${others} answers were neither 200 nor 429`);
  return count(answers, 200) * each - limit;
}

/** Kills processes with streams under way. @returns those of their holds that are left once they should have expired */
async function leaked(cluster: Cluster, { kills, held, holdSeconds }: Size): Promise<number> {
  const tokens: string[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    cluster.backend.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk('word'));
    });
    const token = await cluster.member({ ...unlimited, maxConcurrentRequests: held });
    tokens.push(token);
    const before = cluster.backend.seen.length;
    const fields = { stream: true, max_tokens: 100 };
    const broken = Array.from({ length: held }, () => cluster.ask(1, token, fields).catch(() => undefined));
    await eventually(() => cluster.backend.seen.length === before + held, 'all are under way', 20_000);
    await cluster.replace(1);
    await Promise.all(broken);
  }
  await later(holdSeconds * 1000 + LATE);
  let left = 0;
  for (const token of tokens) left += held - (await freeSlots(cluster, 0, token, held));
  return left;
}

// S4: streams at once at a limit of tokens, and what killed processes leave behind.
measure<Size>('S4', async ({ size, record, absent, defer }) => {
  for (const store of limitStores) {
    if (store === 'redis' && !hasRedis) {
      for (const key of ['redis.overshoot', 'redis.leaked']) absent(key, noRedis);
      continue;
    }
    const { settings } = await startStore(store, defer);
    const hold = { LIMITS_HOLD: `${size.holdSeconds}s`, LIMITS_TIMEOUT: '10s' };
    const cluster = await startCluster(size.processes, { ...settings, ...hold });
    const over: number[] = [];
    for (let run = 0; run < size.runs; run += 1) over.push(await overshoot(cluster, size));
    const what = `${size.runs} runs of ${size.requests} streams, ${size.atOnce} at a time, limit ${size.limit}`;
    record(`${store}.overshoot`, Math.max(0, ...over), `used less the limit: ${range(over)}; ${what}`);
    const left = await leaked(cluster, size);
    await cluster.stop();
    record(`${store}.leaked`, left, `of ${size.kills * size.held}, ${size.kills} kills, after ${size.holdSeconds} s`);
  }
});
