import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TurnedClock } from '../../test/turned-clock.js';
import { BackendHealth } from '../models/backend-health.js';
import type { RoutableBackend } from '../models/routable-model.js';
import { BackendProber } from './backend-prober.service.js';
import type { Receiver } from './upstream.service.js';

const clock = new TurnedClock();
const flow = { pause: () => undefined, resume: () => undefined, abort: () => undefined };
let probes: { readonly backend: RoutableBackend; readonly receiver: Receiver; aborted?: Error }[];
let directory: { backends: RoutableBackend[]; version: number };
let kept: ReadonlySet<string>[];
let prober: BackendProber;

beforeEach(() => {
  jest.useFakeTimers();
  probes = [];
  kept = [];
  directory = { backends: [], version: 0 };
  const upstream = {
    send: (backend: RoutableBackend, _request: unknown, receiver: Receiver) => {
      const probe: (typeof probes)[number] = { backend, receiver };
      probes.push(probe);
      return (reason: Error) => {
        probe.aborted = reason;
        receiver.failed(reason, true);
      };
    },
    retain: (origins: ReadonlySet<string>) => kept.push(origins),
  };
  prober = new BackendProber(clock, directory as never, upstream as never);
});
afterEach(() => {
  prober.onApplicationShutdown();
  jest.useRealTimers();
});

function add(count: number): void {
  for (let number = 0; number < count; number += 1) {
    directory.backends.push({
      id: `b${number}`,
      origin: `http://10.0.0.${number}`,
      basePath: '/v1',
      upstreamModel: null,
      authorization: null,
      weight: 1,
      health: new BackendHealth(clock, () => undefined),
    });
  }
}

function answer(probe: number): void {
  probes[probe]?.receiver.started(200, {}, flow);
  probes[probe]?.receiver.ended();
}

describe('the prober', () => {
  it('asks a few at a time, whoever was silent longest first, and never one twice', async () => {
    add(10);
    clock.turn(20_000);
    directory.backends[7]?.health.probed(undefined);
    clock.turn(20_000);
    const done = prober.probeDue();
    for (let asked = 0; asked < 10; asked += 1) {
      await jest.advanceTimersByTimeAsync(0);
      expect(probes.length).toBe(Math.min(10, asked + 4));
      answer(asked);
    }
    await done;
    expect(probes.at(-1)?.backend.id).toBe('b7');
    expect(new Set(probes.map(({ backend }) => backend.id)).size).toBe(10);
  });

  it('asks again after 15 s, more or less, and sooner when there was no answer', async () => {
    add(1);
    const dueAfter = async (milliseconds: number) => {
      clock.turn(milliseconds);
      const before = probes.length;
      void prober.probeDue();
      await jest.advanceTimersByTimeAsync(0);
      return probes.length > before;
    };
    expect([await dueAfter(11_999), await dueAfter(6002)]).toEqual([false, true]);
    answer(probes.length - 1);
    await jest.advanceTimersByTimeAsync(0);
    expect([await dueAfter(11_999), await dueAfter(6002)]).toEqual([false, true]);
    probes.at(-1)?.receiver.failed(new Error('gone'), false);
    await jest.advanceTimersByTimeAsync(0);
    expect([await dueAfter(2399), await dueAfter(1202)]).toEqual([false, true]);
  });

  it('takes 3 s without an answer for nobody being there, and lets go of the connection', async () => {
    add(1);
    clock.turn(18_001);
    const done = prober.probeDue();
    await jest.advanceTimersByTimeAsync(2999);
    expect(probes[0]?.aborted).toBeUndefined();
    await jest.advanceTimersByTimeAsync(1);
    await done;
    expect(probes[0]?.aborted).toBeInstanceOf(Error);
    expect(directory.backends[0]?.health.lastError).toBe('timeout');
  });

  it('believes an answer that began, though it does not end', async () => {
    add(1);
    clock.turn(18_001);
    const done = prober.probeDue();
    await jest.advanceTimersByTimeAsync(0);
    probes[0]?.receiver.started(200, {}, flow);
    await jest.advanceTimersByTimeAsync(3000);
    await done;
    expect([probes[0]?.aborted === undefined, directory.backends[0]?.health.lastError]).toEqual([false, undefined]);
  });

  it('looks every second by itself, does not look twice at once, and stops', async () => {
    add(1);
    clock.turn(18_001);
    prober.onApplicationBootstrap();
    await jest.advanceTimersByTimeAsync(2500);
    expect(probes.length).toBe(1);
    answer(0);
    await jest.advanceTimersByTimeAsync(0);
    clock.turn(18_001);
    await jest.advanceTimersByTimeAsync(1000);
    expect(probes.length).toBe(2);
    answer(1);
    prober.onApplicationShutdown();
    clock.turn(18_001);
    await jest.advanceTimersByTimeAsync(5000);
    expect([probes.length, jest.getTimerCount()]).toEqual([2, 0]);
  });

  it('has the connections closed to origins that no model has any more, once after each change', async () => {
    add(2);
    prober.onApplicationBootstrap();
    await jest.advanceTimersByTimeAsync(3000);
    expect(kept).toEqual([new Set(['http://10.0.0.0', 'http://10.0.0.1'])]);
    directory.backends.pop();
    directory.version = 1;
    await jest.advanceTimersByTimeAsync(3000);
    expect(kept.slice(1)).toEqual([new Set(['http://10.0.0.0'])]);
  });
});
