import type { RoutableBackend } from '../models/routable-model.js';

const NONE: readonly RoutableBackend[] = [];

/**
 * Chooses the backend that is least loaded for its weight: the smallest (outstanding + 1) / weight of those that take a
 * request now; when nobody has anything to do, at random by weight, so that also a trickle of requests is shared out. When
 * none takes one, a backend that was set aside only because it answers too few is better than nobody.
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
  let best: RoutableBackend | undefined;
  let least = Infinity;
  let isIdle = true;
  let weightOfBest = 0;
  let weightOfAll = 0;
  for (const backend of backends) {
    if (!isEligible(backend, now, tried, asLast)) continue;
    const load = loadOf(backend);
    if (load < least) {
      best = backend;
      least = load;
      weightOfBest = 0;
    }
    if (load === least) weightOfBest += backend.weight;
    weightOfAll += backend.weight;
    if (backend.health.outstanding > 0) isIdle = false;
  }
  const weight = isIdle ? weightOfAll : weightOfBest;
  if (!best || weight === best.weight) return best;
  let point = random() * weight;
  for (const backend of backends) {
    if (!isEligible(backend, now, tried, asLast) || !(isIdle || loadOf(backend) === least)) continue;
    best = backend;
    point -= backend.weight;
    if (point < 0) break;
  }
  return best;
}

function loadOf({ health, weight }: RoutableBackend): number {
  return (health.outstanding + 1) / weight;
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
