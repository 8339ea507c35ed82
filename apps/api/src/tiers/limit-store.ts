import type { Limits, Refusal } from './limits.js';

/** How a store that several processes share sees somebody. All durations are milliseconds of the store's own clock. */
export interface StoreStanding {
  /** When that was, in microseconds of the store's own clock. */
  readonly at: number;
  readonly requestsUsed: number;
  readonly requestsResetMs: number;
  /** Without what is set aside. */
  readonly tokensUsed: number;
  readonly tokensResetMs: number;
  /** What is set aside for requests under way, in all processes. */
  readonly held: number;
}

/** What is asked of the store for one request. */
export interface AdmissionOrder {
  readonly userId: string;
  /** Unique for all time: by it the hold is charged, renewed and settled. */
  readonly holdId: string;
  readonly limits: Limits;
  /** The most tokens that the request may come to. */
  readonly estimate: number;
}

/** What the store decided; the standing is the one after it. */
export interface StoreDecision {
  readonly refusal: Refusal | undefined;
  readonly standing: StoreStanding;
}

/** A request under way, as the store is told of it now and then: a hold that it does not have is made again. */
export interface HoldState {
  readonly userId: string;
  readonly holdId: string;
  readonly reserved: number;
  /** Tokens produced so far, in all. */
  readonly total: number;
  /** What of them the store is known to have charged. */
  readonly charged: number;
}

/** A request that has ended. */
export interface Settlement {
  readonly userId: string;
  readonly holdId: string;
  /** What it came to, in all. */
  readonly total: number;
  /** What of it the store is known to have charged. */
  readonly charged: number;
  /** How often it was sent in vain. From the second time, a hold that is not there any more has been settled. */
  readonly attempts: number;
}

/** What a process let in on its own while the store was away. */
export interface Carried {
  readonly userId: string;
  readonly requests: number;
  readonly tokens: number;
}

/** Why a store cannot be used, in words that may be shown to anybody. */
export type StoreTrouble = 'not connected' | 'no answer in time' | 'read-only' | 'out of memory' | 'error';

/**
 * Where several processes count together. Every call is decided at once, on the store's own clock; none waits for
 * another call of the same process. Calls reject when the store cannot be used.
 */
export interface LimitStore {
  readonly name: 'redis' | 'postgres';
  /** By which it is known to be the same store wherever it is used from; undefined: not known yet, or there is only one. */
  readonly identity: string | undefined;
  /** Milliseconds that a request waits for the store's answer. */
  readonly budget: number;
  /** Settlements that may be under way at once. */
  readonly settling: number;
  admit(order: AdmissionOrder): Promise<StoreDecision>;
  standing(userId: string): Promise<StoreStanding>;
  settle(settlements: readonly Settlement[]): Promise<void>;
  renew(holds: readonly HoldState[]): Promise<void>;
  carry(carried: readonly Carried[]): Promise<void>;
  /** Finds out whether the store can be written to. @returns false when it has lost what it knew since the last time */
  probe(): Promise<boolean>;
  troubleOf(error: unknown): StoreTrouble;
  /** Gives up the connections that do not answer; new ones are made. */
  reset(): void;
  close(): Promise<void>;
}

/** The command came so late that nobody waits for it any more: it had no effect. */
export class TooLate extends Error {}

/** So large that a sum of them may no longer be exact: nobody has such a limit. */
const LARGEST_ESTIMATE = 1e12;

export function bounded(estimate: number): number {
  return Math.min(LARGEST_ESTIMATE, Math.ceil(estimate));
}
