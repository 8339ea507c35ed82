import { describe, expect, it } from '@jest/globals';
import { TurnedClock } from '../../test/turned-clock.js';
import { BackendHealth } from '../models/backend-health.js';
import type { RoutableBackend } from '../models/routable-model.js';
import { hash32 } from './rendezvous.js';
import { preferredBackend } from './session-affinity.js';

const clock = new TurnedClock();

function backend(id: string, weight = 1): RoutableBackend {
  const health = new BackendHealth(clock, () => undefined);
  return { id, origin: 'http://127.0.0.1', basePath: '/v1', upstreamModel: null, authorization: null, weight, health };
}

function breakDown({ health }: RoutableBackend): void {
  for (let failure = 0; failure < 5; failure += 1) {
    health.failed(health.begin(), 'connect', false);
    health.end();
  }
}

const conversations = Array.from({ length: 300 }, (_, index) => hash32(`conversation ${index}`, 1));
const homeOf = (backends: readonly RoutableBackend[], key: number) =>
  preferredBackend(backends, key, clock.monotonic())?.id;

describe('the backend of a conversation', () => {
  it('is the same in whatever order they are, and not the same for all conversations', () => {
    const backends = ['a', 'b', 'c'].map((id) => backend(id));
    const homes = conversations.map((key) => homeOf(backends, key));
    expect(conversations.map((key) => homeOf(backends.toReversed(), key))).toEqual(homes);
    for (const id of ['a', 'b', 'c']) expect(homes.filter((home) => home === id).length).toBeGreaterThan(60);
  });

  it('is another one, always the same, while its own is broken, and its own again afterwards', () => {
    const backends = ['a', 'b', 'c'].map((id) => backend(id));
    const before = conversations.map((key) => homeOf(backends, key));
    const [broken] = backends as [RoutableBackend];
    breakDown(broken);
    const meanwhile = conversations.map((key) => homeOf(backends, key));
    expect(meanwhile).not.toContain('a');
    expect(meanwhile.filter((home, index) => home !== before[index]).length).toBe(before.filter((home) => home === 'a').length); // prettier-ignore
    clock.turn(30_000);
    broken.health.answered(broken.health.begin());
    broken.health.end();
    expect(conversations.map((key) => homeOf(backends, key))).toEqual(before);
  });

  it('is nobody’s where none takes a request', () => {
    const backends = [backend('a'), backend('b')];
    backends.forEach(breakDown);
    expect(homeOf(backends, 1)).toBeUndefined();
  });

  it('never is one that has more than a quarter above its share under way, and one more', () => {
    const backends = [backend('light', 1), backend('middle', 2), backend('heavy', 5)];
    const counts = new Map(backends.map(({ id }) => [id, 0]));
    // All of one conversation, none of which ends.
    for (let turn = 1; turn <= 400; turn += 1) {
      const chosen = preferredBackend(backends, 12_345, clock.monotonic());
      if (!chosen) throw new Error('none was chosen');
      chosen.health.begin();
      counts.set(chosen.id, (counts.get(chosen.id) ?? 0) + 1);
      for (const { id, weight } of backends) {
        expect(counts.get(id)).toBeLessThanOrEqual((1.25 * turn * weight) / 8 + 2);
      }
    }
  });

  it('takes several requests at a time of a conversation where there is little else to do', () => {
    const backends = [backend('a'), backend('b')];
    const first = preferredBackend(backends, 7, clock.monotonic());
    for (let turn = 0; turn < 3; turn += 1) {
      const chosen = preferredBackend(backends, 7, clock.monotonic());
      expect(chosen?.id).toBe(first?.id);
      chosen?.health.begin();
    }
    expect(preferredBackend(backends, 7, clock.monotonic())?.id).not.toBe(first?.id);
  });
});
