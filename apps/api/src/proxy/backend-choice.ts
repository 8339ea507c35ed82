import type { RoutableBackend } from '../models/routable-model.js';

const NONE: readonly RoutableBackend[] = [];

/**
 * Chooses among the backends that take a request now. Of equal weights: one with the fewest requests under way. Of
 * different weights: one at random by weight, of those that have less under way than their share of all. (The smallest
 * (outstanding + 1) / weight is the same for equals, but gives a light backend nothing at all until there are about as many
 * requests at a time as weights.)
 *
 * When none takes a request, a backend that was set aside only because it answers too few is better than nobody.
 * @param now monotonic milliseconds
 * @param random in [0, 1), asked once, and only where more than one is as good
 * @param tried not to be chosen again
 */
export function chooseBackend(
  backends: readonly RoutableBackend[],
  now: number,
  random: () => number,
  tried: readonly RoutableBackend[] = NONE,
): RoutableBackend | undefined {
  const [only] = backends;
  if (only && backends.length === 1 && tried.length === 0 && only.health.admits(now)) return only;
  return leastLoaded(backends, now, random, tried, false) ?? leastLoaded(backends, now, random, tried, true);
}

function leastLoaded(
  backends: readonly RoutableBackend[],
  now: number,
  random: () => number,
  tried: readonly RoutableBackend[],
  asLast: boolean,
): RoutableBackend | undefined {
  let chosen: RoutableBackend | undefined;
  let outstanding = 0;
  let fewest = Infinity;
  let weights = 0;
  let areEqual = true;
  for (const backend of backends) {
    if (!isEligible(backend, now, tried, asLast)) continue;
    if (chosen && chosen.weight !== backend.weight) areEqual = false;
    chosen = backend;
    outstanding += backend.health.outstanding;
    fewest = Math.min(fewest, backend.health.outstanding);
    weights += backend.weight;
  }
  if (!chosen || weights === chosen.weight) return chosen;
  // One more is shared out than is under way, so somebody always has less than their share.
  const sharedOut = (areEqual ? fewest : outstanding) + 1;
  const among = areEqual ? chosen.weight : weights;
  let candidates = 0;
  for (const backend of backends) {
    if (hasLess(backend, sharedOut, among) && isEligible(backend, now, tried, asLast)) candidates += backend.weight;
  }
  let point = Infinity;
  for (const backend of backends) {
    if (!hasLess(backend, sharedOut, among) || !isEligible(backend, now, tried, asLast)) continue;
    if (backend.weight === candidates) return backend;
    if (point === Infinity) point = random() * candidates;
    chosen = backend;
    point -= backend.weight;
    if (point < 0) break;
  }
  return chosen;
}

/** Whether it has less under way than its weight's share of so many, which are shared out among so many weights. */
function hasLess({ health, weight }: RoutableBackend, sharedOut: number, among: number): boolean {
  return health.outstanding * among < sharedOut * weight;
}

function isEligible(
  backend: RoutableBackend,
  now: number,
  tried: readonly RoutableBackend[],
  asLast: boolean,
): boolean {
  const { health } = backend;
  if (asLast ? !health.admitsAsLast(now) : !health.admits(now)) return false;
  return tried.length === 0 || !tried.some(({ id }) => id === backend.id);
}

/** How long until one of the backends may take a request, in milliseconds; undefined when there is none. */
export function waitFor(backends: readonly RoutableBackend[], now: number): number | undefined {
  if (backends.length === 0) return undefined;
  return Math.min(...backends.map(({ health }) => health.admitsFrom(now))) - now;
}
