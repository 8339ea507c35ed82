import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { atATime, type Cluster, later, startCluster } from './cluster.js';
import { answerBriefly } from './fake-model.js';
import { call, killAll } from './process-maas.js';
import { hasRedis, type RedisServer, startRedis } from './redis-server.js';
import { chunk, DONE, eventually, usageChunk } from './streams.js';

const unlimited = { requestsPerMinute: null, tokensPerMinute: null, maxConcurrentRequests: null };
/** Short, so that a test can wait for it. */
const HOLD_SECONDS = 6;

let redis: RedisServer | undefined;
beforeAll(async () => {
  if (hasRedis) redis = await startRedis();
});
afterAll(async () => {
  killAll();
  await redis?.stop();
});

const count = (answers: { status: number }[], status: number) =>
  answers.filter((answer) => answer.status === status).length;

const kinds = [
  ['postgres', true],
  ['redis', hasRedis],
] as const;
for (const [name, isThere] of kinds) {
  (isThere ? describe : describe.skip)(`three processes that count in ${name}`, () => {
    let cluster: Cluster;
    beforeAll(async () => {
      cluster = await startCluster(3, {
        LIMITS_HOLD: `${HOLD_SECONDS}s`,
        // What is shown here is the counting; a busy machine must not be taken for a store that is away.
        LIMITS_TIMEOUT: '10s',
        ...(redis && name === 'redis' ? { REDIS_URL: redis.url } : {}),
      });
    });
    afterAll(() => cluster.stop());
    afterEach(() => cluster.backend.behave(answerBriefly));

    it('let exactly 100 of 640 requests in, 64 at a time, every time of five', async () => {
      for (let time = 0; time < 5; time += 1) {
        const token = await cluster.member({ ...unlimited, requestsPerMinute: 100 });
        const answers = await atATime(640, 64, (index) => cluster.ask(index, token));
        expect([count(answers, 200), count(answers, 429)]).toEqual([100, 540]);
      }
    });

    const left = async (token: string) => {
      const { headers } = await call(cluster.at(0), '/v1/chat/completions', { token, method: 'HEAD' });
      return Number(headers.get('x-ratelimit-remaining-tokens'));
    };

    it('say to each request how the limits stand everywhere', async () => {
      const token = await cluster.member({ ...unlimited, requestsPerMinute: 5, tokensPerMinute: 1000 });
      for (const index of [0, 1, 2]) {
        // What the answer before came to reaches the store after that answer.
        await eventually(async () => (await left(token)) === 1000 - 7 * index, 'all is settled');
        const { headers } = await cluster.ask(index, token);
        expect(headers.get('x-ratelimit-remaining-requests')).toBe(String(4 - index));
        expect(headers.get('x-ratelimit-remaining-tokens')).toBe(String(1000 - 7 * (index + 1)));
      }
      await cluster.ask(0, token);
      await cluster.ask(1, token);
      const refused = await cluster.ask(2, token);
      expect([refused.status, refused.headers.get('x-ratelimit-remaining-requests')]).toEqual([429, '0']);
      expect(Number(refused.headers.get('retry-after-ms'))).toBeGreaterThan(50_000);
      expect(Number(refused.headers.get('retry-after-ms'))).toBeLessThanOrEqual(60_000);
    });

    it('let 64 streams at once exceed 10,000 tokens by one request’s worth at most', async () => {
      const each = 400;
      cluster.backend.behave((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(chunk('word'));
        setTimeout(() => response.end(usageChunk(20, each - 20) + DONE), 20);
      });
      const token = await cluster.member({ ...unlimited, tokensPerMinute: 10_000 });
      const fields = { stream: true, max_tokens: each };
      const answers = await atATime(256, 64, (index) => cluster.ask(index, token, fields));
      const used = count(answers, 200) * each;
      expect(count(answers, 200) + count(answers, 429)).toBe(256);
      expect(used).toBeGreaterThanOrEqual(10_000 - 2 * each);
      expect(used).toBeLessThan(10_000 + each);
    });

    it('never run more of a person’s requests at once than allowed, and free all of a killed process’ soon', async () => {
      cluster.backend.behave((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(chunk('word'));
      });
      const token = await cluster.member({ ...unlimited, maxConcurrentRequests: 50, tokensPerMinute: 1_000_000 });
      const fields = { stream: true, max_tokens: 100 };
      const before = cluster.backend.seen.length;
      // All by one process, which is then killed.
      const broken = Array.from({ length: 60 }, () => cluster.ask(2, token, fields).catch(() => undefined));
      while (cluster.backend.seen.length < before + 50) await later(10);
      await later(500);
      expect(cluster.backend.seen.length).toBe(before + 50);
      expect((await cluster.ask(0, token)).status).toBe(429);
      cluster.processes[2]?.signal('SIGKILL');
      const killedAt = performance.now();
      await Promise.all(broken);
      cluster.processes.pop();
      cluster.backend.behave(answerBriefly);
      // Nothing but what the few requests since have used is left: no hold has leaked.
      const remaining = async () =>
        Number((await cluster.ask(1, token)).headers.get('x-ratelimit-remaining-tokens') ?? Number.NaN);
      while (!((await remaining()) > 1_000_000 - 500)) await later(200);
      expect(performance.now() - killedAt).toBeLessThan(HOLD_SECONDS * 1000 + 10_000);
    });
  });
}
