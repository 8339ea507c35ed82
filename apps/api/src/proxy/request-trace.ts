import type { TroubleKind } from '../models/backend-health.js';
import type { RoutableBackend } from '../models/routable-model.js';

/** Follows one request of the data plane, where the operator wants traces. Nothing of it may take time, or throw. */
export interface RequestTrace {
  /**
   * An attempt with a backend begins.
   * @param headers what the backend is sent, to which the trace's context is added (W3C Trace Context)
   */
  attempt(backend: RoutableBackend, headers: Record<string, string>): AttemptTrace;
}

export interface AttemptTrace {
  /** An answer has begun. */
  answered(status: number): void;
  /** A piece of the answer's body. */
  passed(chunk: Buffer): void;
  /** @param trouble why nothing more is taken of it; undefined: it was whole */
  ended(trouble: TroubleKind | 'abandoned' | undefined): void;
}
