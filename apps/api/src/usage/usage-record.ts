import { errorCatalogue } from '@maas/contracts/errors';
import type { CountSource } from '@maas/database/client';

/**
 * What is recorded for a request that was under way when its process was killed. No other row has it: what a backend answers
 * with 500 is told as 502.
 */
export const INTERRUPTED_STATUS = errorCatalogue.internal_error.status;

/** One admitted request, as it is metered. */
export interface UsageRecord {
  /** UUIDv7, made at admission; also the request's `x-request-id`. */
  readonly id: string;
  readonly userId: string;
  readonly tokenJti: string;
  readonly tier: string;
  readonly modelId: string;
  readonly backendId: string | null;
  /** The OpenAI path without `/v1/`, such as `chat/completions`. */
  readonly endpoint: string;
  /** The HTTP status; 499 when the client went away, 500 when our process ended before the answer did. */
  readonly status: number;
  readonly streamed: boolean;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly countSource: CountSource;
  /** Milliseconds from admission to the first byte of the answer's body; null when there was none. */
  readonly firstByteMs: number | null;
  readonly durationMs: number;
  /** Unix milliseconds of the admission. */
  readonly createdAt: number;
}

/** Whose request was refused, by a limit or because no row could be kept of it. */
export type RefusedRequest = Pick<UsageRecord, 'userId' | 'tokenJti' | 'tier' | 'modelId' | 'createdAt'>;

export interface RefusalCount extends RefusedRequest {
  count: number;
}
