import type { Pool } from 'pg';
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
import { StoreClock } from './store-clock.js';

/** How long a request waits, and how long a statement may take, where the operator says nothing else. */
export const BUDGET_MILLISECONDS = 150;
const ADMITTED_AT_ONCE = 64;
/** Of the four connections one is left for what has ended. */
const BATCHES_AT_ONCE = 3;
const PRUNE_MILLISECONDS = 60_000;
const LATE = 1;
const refusals: Readonly<Record<number, LimitName>> = { 2: 'requests', 3: 'tokens', 4: 'concurrency' };
/** The row of nobody: its instant was drawn when the table was last empty. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

const STANDING = "SELECT limit_call('standing', $1, $2, '', 0, 0, 0, $3) AS answer";
// In the order of the people, so that two batches never wait for each other.
const ADMIT = `SELECT place, limit_call('admit', user_id, $1, hold_id, 0, 0, estimate, $2, not_after, rpm, tpm, most) AS answer
  FROM (SELECT * FROM unnest($3::uuid[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[])
          WITH ORDINALITY AS batch (user_id, hold_id, estimate, not_after, rpm, tpm, most, place)
         ORDER BY user_id, place) AS sorted`;
const CALLS = `SELECT limit_call($1, user_id, $2, hold_id, total, charged, reserved_or_attempts, $8)
  FROM (SELECT * FROM unnest($3::uuid[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[])
          AS batch (user_id, hold_id, total, charged, reserved_or_attempts) ORDER BY user_id) AS sorted`;
const PROBE = `INSERT INTO limit_account (user_id, touched_at) VALUES ($1, (random() * 1e15)::bigint)
  ON CONFLICT (user_id) DO UPDATE SET held = 0 RETURNING touched_at AS epoch`;
const PRUNE = `DELETE FROM limit_account
  WHERE user_id <> $1 AND touched_at < (extract(epoch FROM clock_timestamp()) * 1000000)::bigint - $2`;

interface Options {
  /** Milliseconds after which a hold that nobody renewed is let go. */
  readonly holdLifetime: number;
  /** Milliseconds that a request waits for an answer; absent: as long as the store needs at most when it is well. */
  readonly budget?: number | undefined;
  /** Microseconds; for tests, which turn it: PostgreSQL's own clock is not asked then. */
  readonly clock?: () => number;
}

/** Somebody who waits to be let in. */
interface Asked {
  readonly order: AdmissionOrder;
  readonly sent: number;
  readonly resolve: (answer: number[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Counts in PostgreSQL, with one call of one function a request, on one locked row a person. */
export class PostgresLimitStore implements LimitStore {
  readonly name = 'postgres';
  /** It is the database that the processes share. */
  readonly identity = undefined;
  readonly budget: number;
  // Connections are few, and those who ask to be let in wait for one; what has ended waits for nobody.
  readonly settling = 1;
  private readonly clock = new StoreClock();
  private readonly lifetime: string;
  private epoch: string | undefined;
  private waiting: Asked[] = [];
  private batches = 0;
  private prunedAt = performance.now();

  constructor(
    private readonly pool: Pool,
    private readonly options: Options,
  ) {
    this.lifetime = String(options.holdLifetime * 1000);
    this.budget = options.budget ?? BUDGET_MILLISECONDS;
  }

  async admit(order: AdmissionOrder): Promise<StoreDecision> {
    const sent = performance.now();
    let answer = await this.ask(order, sent);
    // The clock of the store may have been set: once its new time is known, the same request is in time.
    if (answer[0] === LATE && performance.now() - sent <= this.budget) answer = await this.ask(order, sent);
    const [code = LATE] = answer;
    if (code === LATE) throw new TooLate('the store had more to do than it could in time');
    const standing = standingOf(answer);
    const limit = refusals[code];
    if (limit === undefined) return { refusal: undefined, standing };
    const [, , , , , , , size = 0, wait = 0] = answer;
    return { refusal: { limit, size, retryAfterMs: wait / 1000 }, standing };
  }

  async standing(userId: string): Promise<StoreStanding> {
    const values = [userId, this.now(), this.lifetime];
    const { rows } = await this.pool.query<{ answer: string[] }>({ name: 'limit_standing', text: STANDING, values });
    return standingOf((rows[0]?.answer ?? []).map(Number));
  }

  async settle(settlements: readonly Settlement[]): Promise<void> {
    await this.callAll('settle', settlements, ({ total, charged, attempts }) => [bounded(total), charged, attempts]);
  }

  async renew(holds: readonly HoldState[]): Promise<void> {
    await this.callAll('renew', holds, ({ total, charged, reserved }) => [bounded(total), charged, bounded(reserved)]);
  }

  async carry(carried: readonly Carried[]): Promise<void> {
    const states = carried.map((each) => ({ ...each, holdId: '' }));
    await this.callAll('carry', states, ({ requests, tokens }) => [bounded(tokens), 0, requests]);
  }

  async probe(): Promise<boolean> {
    // The first time all connections are made, so that no request waits for one.
    const isFirst = this.epoch === undefined;
    const probes = Array.from({ length: isFirst ? BATCHES_AT_ONCE + 1 : 1 }, () =>
      this.pool.query<{ epoch: string }>(PROBE, [NOBODY]),
    );
    const [answer] = await Promise.all(probes);
    const epoch = answer?.rows[0]?.epoch;
    const isKnown = isFirst || this.epoch === epoch;
    this.epoch = epoch;
    if (isFirst) await Promise.all(probes.map(() => this.standing(NOBODY)));
    if (performance.now() - this.prunedAt > PRUNE_MILLISECONDS) {
      this.prunedAt = performance.now();
      await this.pool.query(PRUNE, [NOBODY, Number(this.lifetime) + 120_000_000]);
    }
    return isKnown;
  }

  troubleOf(error: unknown): StoreTrouble {
    const { code, message } = error as { code?: unknown; message?: unknown };
    if (error instanceof TooLate || code === '57014' || code === '55P03') return 'no answer in time';
    if (message === 'Query read timeout') return 'no answer in time';
    // PostgreSQL's error codes, appendix A: read-only, insufficient resources.
    if (code === '25006') return 'read-only';
    if (code === '53100' || code === '53200') return 'out of memory';
    return typeof code !== 'string' || /^(?:08|57|53|E)/.test(code) ? 'not connected' : 'error';
  }

  /** A connection that does not answer is given up with its statement. */
  reset(): void {}

  async close(): Promise<void> {
    await this.pool.end();
  }

  private ask(order: AdmissionOrder, sent: number): Promise<number[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ order, sent, resolve, reject });
      this.sendWaiting();
    });
  }

  /** Who asks while the connections are busy is asked for together: a row is locked once for all of them. */
  private sendWaiting(): void {
    while (this.waiting.length > 0 && this.batches < BATCHES_AT_ONCE) {
      const now = performance.now();
      const batch = this.waiting.splice(0, ADMITTED_AT_ONCE);
      const late = batch.filter(({ sent }) => now - sent > this.budget);
      for (const { reject } of late) reject(new TooLate('the connections to the store were busy'));
      void this.sendBatch(batch.filter((asked) => !late.includes(asked)));
    }
  }

  private async sendBatch(batch: readonly Asked[]): Promise<void> {
    if (batch.length === 0) return;
    this.batches += 1;
    try {
      const began = performance.now();
      const { rows } = await this.pool.query<{ place: string; answer: string[] }>({
        name: 'limit_admit',
        text: ADMIT,
        values: this.admitValues(batch),
      });
      for (const { place, answer } of rows) {
        const numbers = answer.map(Number);
        this.clock.heard(numbers[1] ?? 0, began, performance.now(), this.budget);
        batch[Number(place) - 1]?.resolve(numbers);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.batches -= 1;
      this.sendWaiting();
    }
  }

  private admitValues(batch: readonly Asked[]): unknown[] {
    const column = (value: (asked: Asked) => unknown) => batch.map(value);
    const notAfter = (sent: number) => (this.options.clock ? '0' : this.clock.notAfter(sent, this.budget));
    return [
      this.now(),
      this.lifetime,
      column(({ order }) => order.userId),
      column(({ order }) => order.holdId),
      column(({ order }) => bounded(order.estimate)),
      column(({ sent }) => notAfter(sent)),
      column(({ order }) => order.limits.requestsPerMinute ?? -1),
      column(({ order }) => order.limits.tokensPerMinute ?? -1),
      column(({ order }) => order.limits.maxConcurrentRequests ?? -1),
    ];
  }

  private async callAll<Each extends { userId: string; holdId: string }>(
    action: string,
    all: readonly Each[],
    numbers: (each: Each) => readonly [total: number, charged: number, reservedOrAttempts: number],
  ): Promise<void> {
    const columns = [0, 1, 2].map((column) => all.map((each) => numbers(each)[column]));
    const people = all.map(({ userId }) => userId);
    const holds = all.map(({ holdId }) => holdId);
    const values = [action, this.now(), people, holds, ...columns, this.lifetime];
    await this.pool.query({ name: 'limit_calls', text: CALLS, values });
  }

  private now(): number | null {
    return this.options.clock?.() ?? null;
  }
}

function standingOf(answer: readonly number[]): StoreStanding {
  const [, at = 0, requestsUsed = 0, requestsReset = 0, tokensUsed = 0, tokensReset = 0, held = 0] = answer;
  return {
    at,
    requestsUsed,
    requestsResetMs: requestsReset / 1000,
    tokensUsed,
    tokensResetMs: tokensReset / 1000,
    held,
  };
}
