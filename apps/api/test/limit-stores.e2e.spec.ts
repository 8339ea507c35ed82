import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPool } from '@maas/database/client';
import { createTestDatabase, type TestDatabase } from '@maas/database/test-database';
import fc from 'fast-check';
import { Account, type Hold, type Limits } from '../src/tiers/limits.js';
import { type LimitStore, TooLate } from '../src/tiers/limit-store.js';
import { PostgresLimitStore } from '../src/tiers/postgres-limit-store.js';
import { RedisLimitStore } from '../src/tiers/redis-limit-store.js';
import { standingFor } from '../src/tiers/store-standing.js';
import { hasRedis, type RedisServer, startRedis } from './redis-server.js';

const LIFETIME = 45_000;
const unlimited: Limits = { requestsPerMinute: null, tokensPerMinute: null, maxConcurrentRequests: null };

/** Milliseconds of the stores' clock, which stands still until it is turned. */
let now = 1_700_000_000_000;
const options = { holdLifetime: LIFETIME, clock: () => now * 1000 };

let database: TestDatabase;
let redis: RedisServer | undefined;
const stores = new Map<string, LimitStore>();

beforeAll(async () => {
  database = await createTestDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
  const pool = createPool({ url: database.url, maxConnections: 4 });
  stores.set('postgres', new PostgresLimitStore(pool, options));
  if (!hasRedis) return;
  redis = await startRedis();
  const store = new RedisLimitStore(redis.url, options);
  while (!(await store.probe().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 10));
  stores.set('redis', store);
});
afterAll(async () => {
  for (const store of stores.values()) await store.close();
  await redis?.stop();
  await database.drop();
});

const step = fc.record({
  gap: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(0, 0, 0, 1, 29, 500, 15_000) },
    { weight: 1, arbitrary: fc.constantFrom(44_999, 45_000, 59_999, 60_000, 60_001) },
  ),
  estimate: fc.integer({ min: 0, max: 200 }),
  share: fc.constantFrom(0, 0.5, 1, 1.2),
  settleAfter: fc.integer({ min: 0, max: 6 }),
});
const limit = (max: number) => fc.option(fc.integer({ min: 0, max }), { nil: null });
const limitsOfAnySize = fc.record({
  requestsPerMinute: limit(8),
  tokensPerMinute: limit(500),
  maxConcurrentRequests: limit(4),
});

// The last: a limit beyond which marks are shared.
const kinds = [
  ['postgres', true, 400],
  ['redis', hasRedis, 2500],
] as const;
for (const [name, isThere, large] of kinds) {
  (isThere ? describe : describe.skip)(`limits in ${name}`, () => {
    const store = (): LimitStore => stores.get(name) as LimitStore;
    const admit = (userId: string, limits: Limits, estimate = 0, holdId: string = randomUUID()) =>
      store().admit({ userId, limits, estimate, holdId });
    const settle = (userId: string, holdId: string, total: number, attempts = 0) =>
      store().settle([{ userId, holdId, total, charged: 0, attempts }]);

    it('are decided as in one process, whatever comes when', async () => {
      await fc.assert(
        fc.asyncProperty(limitsOfAnySize, fc.array(step, { maxLength: 40 }), async (limits, steps) => {
          const userId = randomUUID();
          const account = new Account();
          let running: { holdId: string; hold: Hold; tokens: number; left: number }[] = [];
          now += 200_000;
          for (const { gap, estimate, share, settleAfter } of steps) {
            now += gap;
            for (const run of running) run.left -= 1;
            for (const { holdId, hold, tokens } of running.filter(({ left }) => left < 0)) {
              account.settle(hold, tokens, now);
              await settle(userId, holdId, tokens);
              // The same again, as after an answer that was lost.
              await settle(userId, holdId, tokens, 1);
            }
            running = running.filter(({ left }) => left >= 0);
            const holdId = randomUUID();
            const expected = account.admit(limits, estimate, now, LIFETIME);
            const decision = await admit(userId, limits, estimate, holdId);
            expect(decision.refusal).toEqual('limit' in expected ? expected : undefined);
            expect(standingFor(limits, decision.standing, 0)).toEqual(account.standing(limits, now));
            expect(standingFor(limits, await store().standing(userId), 0)).toEqual(account.standing(limits, now));
            if (!('limit' in expected))
              running.push({ holdId, hold: expected, tokens: Math.round(estimate * share), left: settleAfter });
          }
        }),
        { numRuns: 60 },
      );
    });

    it('let never more than N into any 60 seconds, also where marks are shared, and in who waited as long as told', async () => {
      const userId = randomUUID();
      const limits = { ...unlimited, requestsPerMinute: large };
      const admitted: number[] = [];
      now += 200_000;
      const began = now;
      // Twice the limit, in steps that fall within and across shared marks.
      while (now < began + 100_000) {
        const holdId = randomUUID();
        const { refusal } = await admit(userId, limits, 0, holdId);
        if (!refusal) admitted.push(now);
        if (!refusal) await settle(userId, holdId, 0);
        if (refusal && admitted.length % 7 === 0) {
          now += refusal.retryAfterMs;
          expect((await admit(userId, limits)).refusal).toBeUndefined();
          admitted.push(now);
        }
        now += refusal ? 197 : Math.round(32_500 / large);
      }
      let oldest = 0;
      admitted.forEach((at, index) => {
        while ((admitted[oldest] ?? 0) + 60_000 <= at) oldest += 1;
        expect(index - oldest + 1).toBeLessThanOrEqual(large);
      });
      expect(admitted.length).toBeGreaterThan(large * 1.8);
    });

    it('charge what a stream has produced when it was produced, and the rest once', async () => {
      const userId = randomUUID();
      const holdId = randomUUID();
      const limits = { ...unlimited, tokensPerMinute: 1000 };
      await admit(userId, limits, 500, holdId);
      now += 15_000;
      await store().renew([{ userId, holdId, reserved: 500, total: 200, charged: 0 }]);
      expect(await store().standing(userId)).toMatchObject({ tokensUsed: 200, held: 300 });
      // The answer to that was lost, so it is said again.
      await store().renew([{ userId, holdId, reserved: 500, total: 250, charged: 0 }]);
      expect(await store().standing(userId)).toMatchObject({ tokensUsed: 250, held: 250 });
      now += 44_999;
      await settle(userId, holdId, 300);
      await settle(userId, holdId, 300, 1);
      expect(await store().standing(userId)).toMatchObject({ tokensUsed: 300, held: 0 });
      now += 15_001;
      // What was produced first has left the window already.
      expect(await store().standing(userId)).toMatchObject({ tokensUsed: 50, held: 0 });
    });

    it('free what nobody renews, and make again what was forgotten while it still runs', async () => {
      const userId = randomUUID();
      const holdId = randomUUID();
      const limits = { ...unlimited, maxConcurrentRequests: 1 };
      await admit(userId, limits, 500, holdId);
      now += LIFETIME - 1;
      expect((await admit(userId, limits)).refusal).toMatchObject({ limit: 'concurrency' });
      now += 1;
      const other = randomUUID();
      expect((await admit(userId, limits, 0, other)).refusal).toBeUndefined();
      await settle(userId, other, 0);
      await store().renew([{ userId, holdId, reserved: 500, total: 100, charged: 0 }]);
      expect(await store().standing(userId)).toMatchObject({ tokensUsed: 100, held: 400 });
      expect((await admit(userId, limits)).refusal).toMatchObject({ limit: 'concurrency' });
      await settle(userId, holdId, 120);
      expect(await store().standing(userId)).toMatchObject({ tokensUsed: 120, held: 0 });
    });

    it('take over what was let in without them', async () => {
      const userId = randomUUID();
      await store().carry([{ userId, requests: 3, tokens: 70 }]);
      expect(await store().standing(userId)).toMatchObject({ requestsUsed: 3, tokensUsed: 70, held: 0 });
    });

    it('hold when the clock is set back, and let go after a minute of its new time', async () => {
      const userId = randomUUID();
      const limits = { ...unlimited, requestsPerMinute: 2 };
      await admit(userId, limits);
      await admit(userId, limits);
      now -= 3_600_000;
      expect((await admit(userId, limits)).refusal?.retryAfterMs).toBe(60_000);
      now += 60_000;
      expect((await admit(userId, limits)).refusal).toBeUndefined();
      now += 3_600_000;
    });

    it('keep people apart', async () => {
      const limits = { ...unlimited, requestsPerMinute: 1 };
      for (const userId of [randomUUID(), randomUUID()]) expect((await admit(userId, limits)).refusal).toBeUndefined();
    });
  });
}

(hasRedis ? describe : describe.skip)('Redis', () => {
  it('is given its script again when it has forgotten it', async () => {
    const store = stores.get('redis');
    await redis?.client.script('FLUSH');
    expect((await store?.standing(randomUUID()))?.requestsUsed).toBe(0);
    await redis?.client.script('FLUSH');
    await store?.carry([{ userId: randomUUID(), requests: 1, tokens: 0 }]);
  });

  it('is said to be not connected when it went away while it was asked, and to fail when it says so itself', async () => {
    const server = await startRedis();
    const lost = new RedisLimitStore(server.url, options);
    for (let time = 0; time < 10; time += 1) {
      while (!(await lost.probe().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 10));
      server.signal('SIGSTOP');
      const asked = Array.from({ length: 5 }, () => lost.standing(randomUUID()));
      server.signal('SIGKILL');
      for (const outcome of await Promise.allSettled(asked)) {
        expect(outcome.status === 'rejected' && lost.troubleOf(outcome.reason)).toBe('not connected');
      }
      await server.restart();
    }
    const answer = await server.client.call('no-such-command').catch((error: unknown) => error);
    expect(lost.troubleOf(answer)).toBe('error');
    await lost.close();
    await server.stop();
  });

  it('does not keep anything of anybody for long, and not much of the busiest', async () => {
    const userId = randomUUID();
    for (let batch = 0; batch < 100; batch += 1) {
      now += 25;
      await stores.get('redis')?.carry(Array.from({ length: 64 }, () => ({ userId, requests: 1, tokens: 1 })));
    }
    const keys = (await redis?.client.keys(`maas:{${userId}}:*`)) ?? [];
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      expect(await redis?.client.pttl(key)).toBeGreaterThan(60_000);
      expect(await redis?.client.memory('USAGE', key)).toBeLessThan(150_000);
    }
  });

  it('says when it has lost what it knew', async () => {
    const store = stores.get('redis');
    expect(await store?.probe()).toBe(true);
    await redis?.client.flushall();
    expect(await store?.probe()).toBe(false);
    expect(await store?.probe()).toBe(true);
  });

  it('counts nothing for a request that has stopped waiting while it stood still', async () => {
    const store = new RedisLimitStore(redis?.url ?? '', { holdLifetime: LIFETIME, budget: 500 });
    while (!(await store.probe().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 10));
    const userId = randomUUID();
    const ask = () => store.admit({ userId, limits: unlimited, estimate: 10, holdId: randomUUID() });
    await ask();
    redis?.signal('SIGSTOP');
    const late = [ask(), ask(), ask()];
    await new Promise((resolve) => setTimeout(resolve, 1500));
    redis?.signal('SIGCONT');
    for (const each of late) await expect(each).rejects.toBeInstanceOf(TooLate);
    expect(await store.standing(userId)).toMatchObject({ requestsUsed: 1, held: 10 });
    await store.close();
  });
});
