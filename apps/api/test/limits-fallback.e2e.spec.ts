import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { SystemHealth } from '@maas/contracts/health';
import { createTestDatabase } from '@maas/database/test-database';
import pg from 'pg';
import { atATime, type Cluster, later, startCluster } from './cluster.js';
import { call, killAll, runMaas, startMaas } from './process-maas.js';
import { hasRedis, type RedisServer, startRedis } from './redis-server.js';
import { eventually } from './streams.js';

/** An answer that waits for nobody, on a machine that is busy. */
const AT_ONCE = 2000;
/** One that waits for a store that never answers. */
const HANGING = 10_000;
const unlimited = { requestsPerMinute: null, tokensPerMinute: null, maxConcurrentRequests: null };
const count = (answers: { status: number }[], status: number) =>
  answers.filter((answer) => answer.status === status).length;

interface Ready {
  status: string;
  limits: { state: string; since: string; why?: string };
}

/** For processes of a test's own. */
const dataDir = mkdtempSync(join(tmpdir(), 'maas-fallback-'));
afterAll(async () => {
  killAll();
  await rm(dataDir, { recursive: true });
});

(hasRedis ? describe : describe.skip)('three processes whose Redis fails', () => {
  let redis: RedisServer;
  let cluster: Cluster;
  const startWith = async (environment: Record<string, string> = {}) => {
    redis = await startRedis();
    // One that is dead, full or read-only is known at once; one that is late on a busy machine is not taken for it.
    const ours = { REDIS_URL: redis.url, MAAS_MAX_PROCESSES: '4', LIMITS_TIMEOUT: '1s' };
    cluster = await startCluster(3, { ...ours, ...environment });
  };
  const states = async () =>
    Promise.all(cluster.processes.map(async (each) => (await call<Ready>(each, '/readyz')).body.limits.state));
  const run = ([command = '', ...rest]: string[]) => redis.client.call(command, ...rest);
  const allAre = async (state: string) => {
    while (!(await states()).every((each) => each === state)) await later(50);
  };

  /**
   * Waits until a process says that so much is left. To ask uses nothing, and is done again: on a busy machine the store
   * may be too slow for an answer, and what an answer came to reaches it after the answer.
   */
  const eventualStanding = async (index: number, token: string, left: { requests: number; tokens?: number }) => {
    const isSo = async () => {
      const { headers } = await call(cluster.at(index), '/v1/chat/completions', { token, method: 'HEAD' });
      return Object.entries(left).every(([of, rest]) => headers.get(`x-ratelimit-remaining-${of}`) === String(rest));
    };
    await eventually(isSo, `so much is left: ${JSON.stringify(left)}`);
  };

  describe('with the policy share', () => {
    beforeAll(() => startWith());
    afterAll(async () => {
      await cluster.stop();
      await redis.stop();
    });
    beforeEach(async () => {
      await redis.revive();
      await allAre('shared');
    });

    it('let at most one share in beyond the limit when it is killed in the middle, and no less than their shares', async () => {
      for (let time = 0; time < 3; time += 1) {
        const token = await cluster.member({ ...unlimited, requestsPerMinute: 100 });
        let asked = 0;
        const answers = await atATime(640, 64, async (index) => {
          asked += 1;
          if (asked === 40 + 40 * time) redis.signal('SIGKILL');
          return cluster.ask(index, token);
        });
        expect(count(answers, 200) + count(answers, 429)).toBe(640);
        // Mostly 100. A process that was told less than the others, who used up the rest at once, adds a part of that rest.
        expect(count(answers, 200)).toBeLessThanOrEqual(125);
        expect(count(answers, 200)).toBeGreaterThanOrEqual(75);
        await redis.restart();
        await allAre('shared');
      }
    });

    it('are ready all the same, say that they count alone and why, and carry over what they let in', async () => {
      const token = await cluster.member({ ...unlimited, requestsPerMinute: 100 });
      await redis.kill();
      await cluster.ask(0, token);
      const { status, body } = await call<Ready>(cluster.at(0), '/readyz');
      expect([status, body]).toMatchObject([
        200,
        { status: 'ready', limits: { state: 'fallback', why: 'not connected' } },
      ]);
      for (let time = 0; time < 4; time += 1) await cluster.ask(0, token);
      await redis.restart();
      await allAre('shared');
      await eventualStanding(1, token, { requests: 95 });
      await cluster.at(0).wrote(/Limits cannot be counted in redis/);
    });

    it('name the limit of the tier when they refuse, and say that it is shared out', async () => {
      const token = await cluster.member({ ...unlimited, requestsPerMinute: 8 });
      await redis.kill();
      const answers = [];
      for (let time = 0; time < 3; time += 1) answers.push(await cluster.ask(0, token));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
      expect(JSON.stringify(answers[2]?.body)).toMatch(
        /your tier allows 8 requests per minute, shared out among the server’s processes while they cannot count together; try again in \d+ s/,
      );
      await redis.restart();
      await allAre('shared');
    });

    it('answer in time while it stands still, and come back to it one by one', async () => {
      const token = await cluster.member({ ...unlimited, requestsPerMinute: 400 });
      for (const index of [0, 1, 2]) await cluster.ask(index, token);
      await redis.client.config('RESETSTAT');
      redis.signal('SIGSTOP');
      const waits: number[] = [];
      const answers = await atATime(300, 12, async (index) => {
        const began = performance.now();
        const answer = await cluster.ask(index, token);
        waits.push(performance.now() - began);
        return answer;
      });
      expect(await states()).toEqual(['fallback', 'fallback', 'fallback']);
      expect(count(answers, 200)).toBeGreaterThan(200);
      expect(count(answers, 200) + count(answers, 429)).toBe(300);
      waits.sort((a, b) => a - b);
      // Only the first few wait for the store at all, and none longer than it may take.
      expect(waits[Math.floor(waits.length * 0.8)]).toBeLessThan(AT_ONCE);
      expect(waits.at(-1)).toBeLessThan(HANGING);
      await later(2500);
      redis.signal('SIGCONT');
      await allAre('shared');
      await later(500);
      const stats = await redis.client.info('commandstats');
      const calls = [...stats.matchAll(/cmdstat_evalsha:calls=(\d+)/g)].map(([, calls_]) => Number(calls_));
      // Those that waited when it stood still, and one call a person and process to carry over what was let in.
      expect(calls[0] ?? 0).toBeLessThan(60);
    });

    it('say so when it has lost what it knew, and tell it again', async () => {
      const token = await cluster.member({ ...unlimited, requestsPerMinute: 100, tokensPerMinute: 1000 });
      for (let index = 0; index < 6; index += 1) await cluster.ask(index, token);
      const left = { requests: 94, tokens: 1000 - 6 * 7 };
      await eventualStanding(0, token, left);
      const timesTold = () =>
        cluster.processes.map((each) => each.output().match(/redis has lost what it counted/g)?.length ?? 0);
      const before = timesTold();
      await redis.client.flushall();
      const told = () => timesTold().every((times, index) => times === (before[index] ?? 0) + 1);
      while (!told()) await later(100);
      await allAre('shared');
      await eventualStanding(1, token, left);
    });

    it.each([
      ['read-only', ['replicaof', '127.0.0.1', '1'], ['replicaof', 'no', 'one']],
      ['out of memory', ['config', 'set', 'maxmemory', '1'], ['config', 'set', 'maxmemory', '0']],
    ])('count alone while it is %s', async (why, breaking, mending) => {
      const token = await cluster.member({ ...unlimited, requestsPerMinute: 100 });
      await run(breaking);
      expect((await cluster.ask(0, token)).status).toBe(200);
      const { body } = await call<Ready>(cluster.at(0), '/readyz');
      expect(body.limits).toMatchObject({ state: 'fallback', why });
      await run(mending);
      await allAre('shared');
    });
  });

  it.each([
    ['strict', 503],
    ['open', 200],
  ])('with the policy %s answer all with %d, also when it is not there at the start', async (policy, status) => {
    await startWith({ LIMITS_WHEN_UNAVAILABLE: policy });
    const token = await cluster.member({ ...unlimited, requestsPerMinute: 3 });
    await redis.kill();
    const answers = await atATime(20, 4, (index) => cluster.ask(index, token));
    expect(count(answers, status)).toBe(20);
    if (status === 503) expect(answers[0]?.headers.get('retry-after')).toBe('2');
    const late = await startMaas({
      DATABASE_URL: cluster.databaseUrl,
      MAAS_DATA_DIR: dataDir,
      REDIS_URL: redis.url,
      LIMITS_WHEN_UNAVAILABLE: policy,
    });
    expect((await call<Ready>(late, '/readyz')).body.limits).toMatchObject({ state: 'fallback' });
    await redis.restart();
    while ((await call<Ready>(late, '/readyz')).body.limits.state !== 'shared') await later(50);
    late.signal('SIGTERM');
    expect((await late.ended).code).toBe(0);
    await cluster.stop();
    await redis.stop();
  });
});

describe('three processes that count in a PostgreSQL that does not answer', () => {
  it('let at most one share in beyond the limit, and no less than shares of what was left, and count together again', async () => {
    const cluster = await startCluster(3, { MAAS_MAX_PROCESSES: '4' });
    const database = new pg.Client({ connectionString: cluster.databaseUrl });
    await database.connect();
    const isShared = async () =>
      (
        await Promise.all(cluster.processes.map(async (each) => (await call<Ready>(each, '/readyz')).body.limits.state))
      ).every((state) => state === 'shared');
    for (let time = 0; time < 3; time += 1) {
      while (!(await isShared())) await later(50);
      const token = await cluster.member({ ...unlimited, requestsPerMinute: 100 });
      let asked = 0;
      const waits: number[] = [];
      const answers = await atATime(640, 64, async (index) => {
        asked += 1;
        if (asked === 40 + 40 * time) await database.query('BEGIN; LOCK TABLE limit_account IN ACCESS EXCLUSIVE MODE');
        const began = performance.now();
        const answer = await cluster.ask(index, token);
        waits.push(performance.now() - began);
        return answer;
      });
      await database.query('COMMIT');
      expect(count(answers, 200) + count(answers, 429)).toBe(640);
      // What others were let in for right then this process has not heard of yet (decision 8): a few, never their whole share.
      expect(count(answers, 200)).toBeLessThanOrEqual(125);
      // Shares are 25 each. Who was let in through one process alone until then leaves the others a share of the rest.
      expect(count(answers, 200)).toBeGreaterThanOrEqual(25 + 2 * Math.floor(75 / 4));
      waits.sort((a, b) => a - b);
      expect(waits[Math.floor(waits.length * 0.8)]).toBeLessThan(AT_ONCE);
    }
    await database.end();
    await cluster.stop();
  });

  it('do with each request what its tier says, and else what the installation says', async () => {
    const cluster = await startCluster(1, {
      MAAS_MAX_PROCESSES: '4',
      LIMITS_WHEN_UNAVAILABLE: 'share',
      LIMITS_TIMEOUT: '1s',
    });
    const database = new pg.Client({ connectionString: cluster.databaseUrl });
    await database.connect();
    const limits = { ...unlimited, requestsPerMinute: 8 };
    const tokens: string[] = [];
    for (const limitsWhenUnavailable of ['strict', 'share', 'open', null]) {
      tokens.push(await cluster.member({ ...limits, limitsWhenUnavailable }));
    }
    await database.query('BEGIN; LOCK TABLE limit_account IN ACCESS EXCLUSIVE MODE');
    const state = async () => (await call<Ready>(cluster.at(0), '/readyz')).body.limits.state;
    while ((await state()) !== 'fallback') await cluster.ask(0, tokens[0] ?? '');
    const admitted = async (token: string) => count(await atATime(10, 2, () => cluster.ask(0, token)), 200);
    const outcomes: number[] = [];
    for (const token of tokens) outcomes.push(await admitted(token));
    expect(outcomes).toEqual([0, 2, 10, 2]);
    expect((await cluster.ask(0, tokens[0] ?? '')).status).toBe(503);
    // The outage is said once, not by each request that is refused for it.
    expect(await cluster.at(0).wrote(/Limits cannot be counted in postgres/g)).toHaveLength(1);
    expect(cluster.at(0).output()).not.toContain('service_unavailable in request');
    const { body } = await cluster.admin<SystemHealth>('/health');
    expect(body.parts.limiter).toMatchObject({ state: 'fallback', whenUnavailable: 'share', admittedInFallback: 14 });
    expect(body.parts.limiter.timeouts).toBeGreaterThanOrEqual(3);
    expect(body.parts.limiter.message).toMatch(/refused with 503 \(tier-1\)/);
    expect(body.parts.limiter.message).toMatch(/without limits \(tier-3\)/);
    await database.query('COMMIT');
    while ((await state()) !== 'shared') await later(50);
    await database.end();
    await cluster.stop();
  });
});

describe('LIMITS=process on a database that others can reach', () => {
  it('is for one process: others wait for it, and then refuse to start and say what to do', async () => {
    const database = await createTestDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
    const environment = { DATABASE_URL: database.url, MAAS_DATA_DIR: dataDir, LIMITS: 'process', DRAIN_TIMEOUT: '3s' };
    const first = await startMaas(environment);
    const began = performance.now();
    const refused = await Promise.all(
      ['process', 'postgres'].map((LIMITS) => runMaas({ ...environment, LIMITS, PORT: '0', HOST: '127.0.0.1' })),
    );
    expect(refused.map(({ code }) => code)).toEqual([1, 1]);
    expect(performance.now() - began).toBeGreaterThan(8000);
    const [alike, other] = refused.map(({ stderr }) => stderr);
    expect(alike).toMatch(/Another process \(.+\) uses this database with LIMITS=process/);
    expect(alike).toContain('Set LIMITS=postgres');
    expect(other).toMatch(/counts limits in itself \(LIMITS=process\), and this one in PostgreSQL/);
    expect(other).toContain('stop all processes first');
    // A rolling restart: the next one is there before the last one has gone.
    const next = startMaas(environment);
    await later(1500);
    first.signal('SIGTERM');
    const second = await next;
    expect((await call<Ready>(second, '/readyz')).body.limits.state).toBe('process');
    second.signal('SIGKILL');
    await second.ended;
    await database.drop();
  });

  const describeWithRedis = hasRedis ? describe : describe.skip;
  describeWithRedis('LIMITS=redis', () => {
    it('is for one Redis, whatever its URL: a process with another one refuses to start', async () => {
      const database = await createTestDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
      const [own, foreign] = await Promise.all([startRedis(), startRedis()]);
      const environment = { DATABASE_URL: database.url, MAAS_DATA_DIR: dataDir, DRAIN_TIMEOUT: '1s' };
      const first = await startMaas({ ...environment, REDIS_URL: own.url });
      const alias = own.url.replace('127.0.0.1', 'localhost');
      const [second, refused] = await Promise.all([
        startMaas({ ...environment, REDIS_URL: alias }),
        runMaas({ ...environment, REDIS_URL: foreign.url, PORT: '0', HOST: '127.0.0.1' }),
      ]);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(/counts limits in another Redis/);
      for (const each of [first, second]) {
        each.signal('SIGKILL');
        await each.ended;
      }
      await Promise.all([own.stop(), foreign.stop()]);
      await database.drop();
    });
  });
});
