import { randomUUID } from 'node:crypto';
import { type ChainableCommander, Redis, ReplyError } from 'ioredis';
import type { LimitName } from './limits.js';
import {
  type AdmissionOrder,
  bounded,
  type Carried,
  type HoldState,
  type LimitStore,
  type Settlement,
  type StoreDecision,
  type StoreStanding,
  type StoreTrouble,
  TooLate,
} from './limit-store.js';
import { SCRIPT, SCRIPT_SHA } from './redis-script.js';
import { StoreClock } from './store-clock.js';

const BUDGET_MILLISECONDS = 50;
const LONGEST_RECONNECT_MILLISECONDS = 1000;
const EPOCH_KEY = 'maas:epoch';
const PROBE_KEY = 'maas:probe';
const PROBE_KEPT_MILLISECONDS = 60_000;

interface Options {
  /** Milliseconds after which a hold that nobody renewed is let go. */
  readonly holdLifetime: number;
  /** Milliseconds that a request waits for an answer; absent: as long as the store needs at most when it is well. */
  readonly budget?: number | undefined;
  /** Microseconds; for tests, which turn it: Redis' own clock is not asked then. */
  readonly clock?: () => number;
}

/** Counts in Redis, with one call of one script a request. */
export class RedisLimitStore implements LimitStore {
  readonly name = 'redis';
  readonly budget: number;
  // One connection keeps the order, so nothing has to wait for an answer.
  readonly settling = Number.POSITIVE_INFINITY;
  private readonly redis: Redis;
  private readonly clock = new StoreClock();
  private readonly lifetime: string;
  private epoch: string | undefined;

  constructor(
    url: string,
    private readonly options: Options,
  ) {
    this.lifetime = String(options.holdLifetime * 1000);
    this.budget = options.budget ?? BUDGET_MILLISECONDS;
    this.redis = new Redis(url, {
      connectionName: 'maas',
      // What cannot be sent now fails now: a request has no time to wait, and must not be counted later.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectTimeout: 2000,
      retryStrategy: (times) => Math.min(LONGEST_RECONNECT_MILLISECONDS, 50 * times) * (0.5 + Math.random() / 2),
      // A replica that was a primary is left for whatever the name leads to now.
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
    });
    // Who asks is told of every failure.
    this.redis.on('error', () => undefined);
  }

  /** Drawn by whoever found it empty first: two URLs of one Redis lead to the same. */
  get identity(): string | undefined {
    return this.epoch;
  }

  async admit(order: AdmissionOrder): Promise<StoreDecision> {
    const sent = performance.now();
    let answer = await this.ask(order);
    // The store's clock may have been set: once its new time is known, the same request is in time.
    if (answer[0] === 'late' && performance.now() - sent <= this.budget) answer = await this.ask(order);
    const [outcome, , , , , , , size, wait] = answer;
    if (outcome === 'late') throw new TooLate('the store had more to do than it could in time');
    const standing = standingOf(answer);
    if (outcome === 'admitted') return { refusal: undefined, standing };
    const refusal = { limit: outcome as LimitName, size: Number(size), retryAfterMs: Number(wait) / 1000 };
    return { refusal, standing };
  }

  async standing(userId: string): Promise<StoreStanding> {
    return standingOf(await this.run(userId, ['standing', this.now()]));
  }

  async settle(settlements: readonly Settlement[]): Promise<void> {
    await this.runAll(
      settlements.map(({ userId, holdId, total, charged, attempts }) => [
        userId,
        ['settle', this.now(), holdId, String(bounded(total)), String(charged), attempts > 0 ? '1' : '0'],
      ]),
    );
  }

  async renew(holds: readonly HoldState[]): Promise<void> {
    await this.runAll(
      holds.map(({ userId, holdId, reserved, total, charged }) => [
        userId,
        [
          'renew', this.now(), holdId, String(bounded(reserved)), String(bounded(total)), String(charged), this.lifetime,
        ],
      ]), // prettier-ignore
    );
  }

  async carry(carried: readonly Carried[]): Promise<void> {
    await this.runAll(
      carried.map(({ userId, requests, tokens }) => [
        userId,
        ['carry', this.now(), String(requests), String(bounded(tokens))],
      ]),
    );
  }

  async probe(): Promise<boolean> {
    if (this.redis.status !== 'ready') throw new Error('not connected');
    await this.redis.set(PROBE_KEY, '1', 'PX', PROBE_KEPT_MILLISECONDS);
    await this.redis.set(EPOCH_KEY, randomUUID(), 'NX');
    const epoch = (await this.redis.get(EPOCH_KEY)) ?? undefined;
    const isKnown = this.epoch === undefined || this.epoch === epoch;
    this.epoch = epoch;
    return isKnown;
  }

  troubleOf(error: unknown): StoreTrouble {
    const message = error instanceof Error ? error.message : '';
    if (error instanceof TooLate) return 'no answer in time';
    if (message.startsWith('READONLY')) return 'read-only';
    if (message.startsWith('OOM')) return 'out of memory';
    // Whatever is no answer of the server is the connection's: that it is lost may be known only a moment later.
    return error instanceof ReplyError ? 'error' : 'not connected';
  }

  reset(): void {
    if (this.redis.status === 'ready') this.redis.disconnect(true);
  }

  async close(): Promise<void> {
    this.redis.disconnect();
  }

  private now(): string {
    return this.options.clock ? String(this.options.clock()) : '0';
  }

  private async ask({ userId, holdId, limits, estimate }: AdmissionOrder): Promise<unknown[]> {
    const limit = (value: number | null) => String(value ?? -1);
    const sent = performance.now();
    const answer = await this.run(userId, [
      'admit',
      this.now(),
      holdId,
      String(bounded(estimate)),
      this.lifetime,
      this.options.clock ? '0' : this.clock.notAfter(sent, this.budget),
      limit(limits.requestsPerMinute),
      limit(limits.tokensPerMinute),
      limit(limits.maxConcurrentRequests),
    ]);
    this.clock.heard(Number(answer[1]), sent, performance.now(), this.budget);
    return answer;
  }

  private async run(userId: string, values: readonly string[]): Promise<unknown[]> {
    const keys = keysOf(userId);
    try {
      return (await this.redis.evalsha(SCRIPT_SHA, keys.length, ...keys, ...values)) as unknown[];
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return (await this.redis.eval(SCRIPT, keys.length, ...keys, ...values)) as unknown[];
    }
  }

  /** In one write. A script that is not known has had no effect, so those calls alone are made again. */
  private async runAll(calls: (readonly [userId: string, values: readonly string[]])[]): Promise<void> {
    const [only] = calls;
    if (calls.length === 1 && only) return void (await this.run(...only));
    const pipeline = this.redis.pipeline();
    for (const [userId, values] of calls) queue(pipeline, userId, values);
    const results = (await pipeline.exec()) ?? [];
    for (const [index, [error]] of results.entries()) {
      const [userId, values] = calls[index] ?? ['', []];
      if (isUnknownScript(error)) await this.run(userId, values);
      else if (error) throw error;
    }
  }
}

function queue(pipeline: ChainableCommander, userId: string, values: readonly string[]): void {
  const keys = keysOf(userId);
  pipeline.evalsha(SCRIPT_SHA, keys.length, ...keys, ...values);
}

/** In braces, so that all of one person is in one slot of a cluster. */
function keysOf(userId: string): string[] {
  return ['requests', 'tokens', 'expiries', 'holds'].map((name) => `maas:{${userId}}:${name}`);
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

function standingOf(answer: readonly unknown[]): StoreStanding {
  const [, at, requestsUsed, requestsReset, tokensUsed, tokensReset, held] = answer;
  return {
    at: Number(at),
    requestsUsed: Number(requestsUsed),
    requestsResetMs: Number(requestsReset) / 1000,
    tokensUsed: Number(tokensUsed),
    tokensResetMs: Number(tokensReset) / 1000,
    held: Number(held),
  };
}
