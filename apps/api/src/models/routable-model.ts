import type { SessionAffinity } from '@maas/contracts/models';
import type { BackendHealth } from './backend-health.js';

/** A server that answers for a model, as the proxy needs it. */
export interface RoutableBackend {
  readonly id: string;
  readonly origin: string;
  /** The path that OpenAI's paths are appended to, such as `/v1`. */
  readonly basePath: string;
  /** The model's name at the backend; null: ours. */
  readonly upstreamModel: string | null;
  /** `Bearer …`; null: the backend asks for none. */
  readonly authorization: string | null;
  /** Above zero. */
  readonly weight: number;
  /** How it stands at the moment. */
  readonly health: BackendHealth;
}

/** A model as the hot path needs it: a small type of its own, not the administrator's. */
export interface RoutableModel {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly ownedBy: string;
  readonly created: number;
  readonly contextWindow: number | null;
  readonly maxOutputTokens: number | null;
  readonly capabilities: readonly string[];
  readonly sessionAffinity: SessionAffinity;
  /** The tiers that may use it. */
  readonly tiers: ReadonlySet<string>;
  /** The tier of lowest level that may use it. */
  readonly lowestTier: { readonly name: string; readonly level: number } | null;
  /** Enabled, and with a weight. */
  readonly backends: readonly RoutableBackend[];
  /** One of the backends can be expected to answer at this moment. */
  readonly ready: boolean;
}

/** Ready first, then by the level of the lowest tier, then by id. */
export function inListOrder(a: RoutableModel, b: RoutableModel): number {
  if (a.ready !== b.ready) return a.ready ? -1 : 1;
  const levels = (a.lowestTier?.level ?? Infinity) - (b.lowestTier?.level ?? Infinity);
  if (levels !== 0 && !Number.isNaN(levels)) return levels;
  return a.id < b.id ? -1 : 1;
}
