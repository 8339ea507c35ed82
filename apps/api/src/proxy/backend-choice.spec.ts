import { describe, expect, it } from '@jest/globals';
import { TurnedClock } from '../../test/turned-clock.js';
import { BackendHealth } from '../models/backend-health.js';
import type { RoutableBackend } from '../models/routable-model.js';
import { chooseBackend, waitFor } from './backend-choice.js';

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

/** Numbers in [0, 1) that are the same in each run (Park and Miller's generator). */
function numbers(seed = 1): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const choose = (backends: readonly RoutableBackend[], random = numbers(), tried: RoutableBackend[] = []) =>
  chooseBackend(backends, clock.monotonic(), random, tried)?.id;

/** Chooses so many times with so many requests under way all the time, each ending in its turn. */
function shares(backends: readonly RoutableBackend[], atOnce: number, picks: number): Record<string, number> {
  const random = numbers();
  const running: BackendHealth[] = [];
  const counts: Record<string, number> = {};
  for (let pick = 0; pick < picks; pick += 1) {
    if (running.length >= atOnce) running.splice(Math.floor(random() * running.length), 1)[0]?.end();
    const chosen = chooseBackend(backends, clock.monotonic(), random);
    if (!chosen) throw new Error('none was chosen');
    chosen.health.begin();
    running.push(chosen.health);
    counts[chosen.id] = (counts[chosen.id] ?? 0) + 1;
  }
  for (const health of running) health.end();
  return counts;
}

describe('choosing a backend', () => {
  it('has none to choose when there is none', () => {
    expect(choose([])).toBeUndefined();
  });

  it('chooses the only one without asking for a random number', () => {
    const never = () => {
      throw new Error('asked');
    };
    expect(choose([backend('only', 1000)], never)).toBe('only');
  });

  it('of equals chooses the one with the fewest under way', () => {
    const equals = [backend('a', 3), backend('b', 3), backend('c', 3)];
    equals.forEach(({ health }, more) => {
      for (let request = 0; request < 7 - 2 * more; request += 1) health.begin();
    });
    for (let seed = 1; seed < 20; seed += 1) expect(choose(equals, numbers(seed))).toBe('c');
  });

  it('of others leaves out those that have their share', () => {
    const [light, heavy] = [backend('light', 1), backend('heavy', 4)];
    for (let request = 0; request < 8; request += 1) heavy.health.begin();
    // Of nine, heavy has more than four fifths already.
    expect(choose([light, heavy])).toBe('light');
    for (let request = 0; request < 3; request += 1) light.health.begin();
    for (let seed = 1; seed < 20; seed += 1) expect(choose([light, heavy], numbers(seed))).toBe('heavy');
  });

  it('leaves out one that is open, one that has its trial, and one that was tried', () => {
    const [first, second, third] = [backend('first'), backend('second'), backend('third')];
    breakDown(first);
    for (let turn = 0; turn < 20; turn += 1) expect(choose([first, second], numbers(turn + 1))).toBe('second');
    expect(choose([first, second], numbers(), [second])).toBeUndefined();
    expect(choose([second, third], numbers(), [second])).toBe('third');
    clock.turn(1000);
    expect(choose([first, second], numbers(), [second])).toBe('first');
    first.health.begin();
    expect(choose([first, second], numbers(), [second])).toBeUndefined();
  });

  it('falls back to one that was only ejected when no other takes requests', () => {
    const [ejected, other] = [backend('ejected'), backend('other')];
    for (let turn = 0; turn < 30; turn += 1) {
      ejected.health.answered(ejected.health.begin());
      ejected.health.brokeOff('reset', true);
      ejected.health.end();
    }
    expect(choose([ejected, other])).toBe('other');
    breakDown(other);
    expect(choose([ejected, other])).toBe('ejected');
  });

  it.each([
    [1, 0.03],
    // Two at a time are spread over two backends more often than weights alone would.
    [2, 0.08],
    [4, 0.03],
    [10, 0.03],
    [30, 0.03],
    [100, 0.03],
  ])('gives each its share by weight, of 10,000 requests with %i at a time, within %d', (atOnce, tolerance) => {
    const counts = shares([backend('a', 1), backend('b', 3), backend('c', 6)], atOnce, 10_000);
    expect(Math.abs((counts['a'] ?? 0) / 10_000 - 0.1)).toBeLessThan(tolerance);
    expect(Math.abs((counts['b'] ?? 0) / 10_000 - 0.3)).toBeLessThan(tolerance);
    expect(Math.abs((counts['c'] ?? 0) / 10_000 - 0.6)).toBeLessThan(tolerance);
  });

  it.each([1, 8, 50])('gives the lightest its hundredth, of 10,000 requests with %i at a time', (atOnce) => {
    const counts = shares([backend('trial', 1), backend('usual', 99)], atOnce, 10_000);
    expect(Math.abs((counts['trial'] ?? 0) - 100)).toBeLessThan(50);
  });

  it.each([1, 2, 7])('gives equals the same, of 10,000 requests with %i at a time', (atOnce) => {
    const counts = shares(
      ['a', 'b', 'c', 'd'].map((id) => backend(id, 5)),
      atOnce,
      10_000,
    );
    for (const count of Object.values(counts)) expect(Math.abs(count - 2500)).toBeLessThan(250);
    expect(Object.keys(counts)).toHaveLength(4);
  });
});

describe('how long until one takes a request', () => {
  it('is the shortest of them', () => {
    const [first, second] = [backend('first'), backend('second')];
    breakDown(first);
    second.health.cool('status 429', 20_000);
    const now = clock.monotonic();
    expect(waitFor([second], now)).toBe(20_000);
    expect(waitFor([first, second], now)).toBe(1000);
    expect(waitFor([], now)).toBeUndefined();
  });
});
