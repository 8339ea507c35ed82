import { hasRedis, type RedisServer, startRedis } from '../../apps/api/test/redis-server.js';

/** Where limits are counted over several processes. */
export const limitStores = ['postgres', 'redis'] as const;
export type LimitStore = (typeof limitStores)[number];

export const noRedis = 'no redis-server or valkey-server on this machine';
export { hasRedis };

/** The settings of a process that counts there, and the Redis that was started for it. */
export async function startStore(
  store: LimitStore,
  defer: (end: () => unknown) => void,
): Promise<{ settings: Record<string, string>; redis?: RedisServer }> {
  if (store === 'postgres') return { settings: { LIMITS: 'postgres' } };
  const redis = await startRedis();
  defer(() => redis.stop());
  return { settings: { REDIS_URL: redis.url }, redis };
}

/** Nothing is limited but what a figure limits. */
export const unlimited = { requestsPerMinute: null, tokensPerMinute: null, maxConcurrentRequests: null };

export const count = (answers: readonly { status: number }[], status: number) =>
  answers.filter((answer) => answer.status === status).length;
