import type { Installed } from './install.js';

/** What of the start a worker does itself. */
export interface Role {
  /** Whether it puts the first tiers, models and accounts into a fresh database, and offers the set-up link: one of all. */
  readonly leads: boolean;
  /** Whether the database is known to be up to date. */
  readonly isMigrated: boolean;
}

/** What the supervisor tells a worker. */
export type SupervisorWord =
  | { readonly kind: 'start'; readonly databaseUrl: string; readonly role: Role }
  | { readonly kind: 'stop' }
  /** Say what you have counted; `worker` is your place among the others. */
  | { readonly kind: 'measure'; readonly round: number; readonly worker: number }
  /** What all have counted, a text for each. */
  | { readonly kind: 'gathered'; readonly id: number; readonly texts: readonly string[] };

/** What a worker tells the supervisor. */
export type WorkerWord =
  | { readonly kind: 'serving'; readonly url: string }
  | { readonly kind: 'installed'; readonly installed: Installed }
  /** I was asked what all have counted. */
  | { readonly kind: 'gather'; readonly id: number }
  | { readonly kind: 'measured'; readonly round: number; readonly text: string };
