import type { RoutableBackend } from '../models/routable-model.js';
import { scoreOf } from './rendezvous.js';

/** How far above the mean a backend may be busy before conversations are sent elsewhere (Mirrokni et al., bounded loads). */
const LOAD_FACTOR = 1.25;

/**
 * The backend that a conversation belongs to: of those that take requests now and are not much busier than the others, the
 * one with the highest rendezvous score. So a conversation stays where its prefix is in the cache; when that one is away or
 * overloaded it has a second home, always the same, and the conversations of others stay where they are.
 * @param key of the conversation @param now monotonic milliseconds
 * @returns undefined: none takes a request
 */
export function preferredBackend(
  backends: readonly RoutableBackend[],
  key: number,
  now: number,
): RoutableBackend | undefined {
  let outstanding = 0;
  let weights = 0;
  for (const { health, weight } of backends) {
    if (!health.admits(now)) continue;
    outstanding += health.outstanding;
    weights += weight;
  }
  let preferred: RoutableBackend | undefined;
  let highest = -Infinity;
  for (const backend of backends) {
    const { id, health, weight } = backend;
    const share = (outstanding * weight) / weights;
    if (!health.admits(now) || health.outstanding > LOAD_FACTOR * share + 1) continue;
    const score = scoreOf(key, id, weight);
    if (score <= highest) continue;
    [preferred, highest] = [backend, score];
  }
  return preferred;
}
