import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TurnedClock } from '../../test/turned-clock.js';
import { BackendHealth } from '../models/backend-health.js';
import type { RoutableBackend } from '../models/routable-model.js';
import { Dispatch } from './backend-dispatch.js';
import { RetryBudget } from './backend-retry.js';
import { NoConnection } from './connection-pool.js';
import { Deadlines, type Timed } from './deadlines.js';
import type { Receiver } from './upstream.service.js';

const clock = new TurnedClock();
const flow = { pause: () => undefined, resume: () => undefined, abort: () => undefined };
const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
let first: RoutableBackend;
let backends: RoutableBackend[];
let attempts: { readonly to: string; readonly receiver: Receiver }[];
let heard: string[];
let budget: RetryBudget;
let deadlines: Deadlines;
/** What a deadline is kept for. */
const running = new Set<Timed>();
/** What an attempt comes to before `send` has returned. */
let atOnce: ((receiver: Receiver) => void) | undefined;

beforeEach(() => {
  jest.useFakeTimers();
  deadlines = new Deadlines(1000);
  [attempts, heard, budget, atOnce] = [[], [], new RetryBudget(), undefined];
  first = backend('a');
  backends = [first, ...['b', 'c', 'd'].map(backend)];
});
afterEach(() => {
  deadlines.close();
  jest.useRealTimers();
});

function backend(id: string): RoutableBackend {
  const health = new BackendHealth(clock, () => undefined);
  return { id, origin: `http://${id}`, basePath: '/v1', upstreamModel: null, authorization: null, weight: 1, health };
}

function begin(): Dispatch {
  const send = ({ id }: RoutableBackend, _request: unknown, receiver: Receiver) => {
    attempts.push({ to: id, receiver });
    atOnce?.(receiver);
    // As the real one does for a request that has no connection yet.
    return (reason: Error) => receiver.failed(reason, false);
  };
  const dispatch = new Dispatch(
    first,
    {
      id: 'request',
      modelId: 'model',
      requestFor: () => ({ method: 'POST', path: '/', headers: {}, body: null }),
      letGo: () => heard.push('let go'),
      addsUsageWish: false,
      trace: undefined,
    },
    {
      started: (status) => heard.push(`started ${status}`),
      data: (chunk) => heard.push(chunk.toString()),
      ended: () => heard.push('ended'),
      failed: (error) => heard.push(`failed: ${error.message}`),
    },
    {
      clock,
      budget,
      upstream: { send },
      logger: { warn: () => undefined },
      deadlines: {
        begin: (timed) => {
          running.add(timed);
          deadlines.begin(timed);
        },
        end: (timed) => {
          running.delete(timed);
          deadlines.end(timed);
        },
      },
      backendsOf: () => backends,
    },
  );
  dispatch.start();
  return dispatch;
}

const outstanding = () => backends.reduce((sum, { health }) => sum + health.outstanding, 0);

describe('a request on its way', () => {
  it('is told of one answer only, and never of the attempts before it', () => {
    const dispatch = begin();
    attempts[0]?.receiver.failed(refused, false);
    attempts[1]?.receiver.started(503, {}, flow);
    attempts[1]?.receiver.data(Buffer.from('of the second'));
    attempts[1]?.receiver.ended();
    attempts[2]?.receiver.started(200, {}, flow);
    attempts[2]?.receiver.data(Buffer.from('of the third'));
    expect(outstanding()).toBe(1);
    attempts[2]?.receiver.ended();
    expect(heard).toEqual(['let go', 'started 200', 'of the third', 'ended']);
    expect([dispatch.backend.id, outstanding(), running.size]).toEqual([attempts[2]?.to, 0, 0]);
    expect(new Set(attempts.map(({ to }) => to)).size).toBe(3);
  });

  it('ends with the last failure when all attempts have failed, also before `send` has returned', () => {
    atOnce = (receiver) => receiver.failed(refused, false);
    begin();
    expect([attempts.length, heard]).toEqual([3, ['failed: refused']]);
    expect([outstanding(), running.size]).toEqual([0, 0]);
  });

  it('goes to another backend when all connections to the first are in use, which is not held against that', () => {
    begin();
    attempts[0]?.receiver.failed(new NoConnection('in use'), false);
    attempts[1]?.receiver.started(200, {}, flow);
    attempts[1]?.receiver.ended();
    expect([heard, attempts.length]).toEqual([['let go', 'started 200', 'ended'], 2]);
    expect([first.health.lastError, first.health.isClosed(0), outstanding()]).toEqual([undefined, true, 0]);
  });

  it('is not tried again when its client went away before it had a connection', () => {
    begin().abandon();
    expect([attempts.length, heard, outstanding()]).toEqual([1, ['failed: the client went away'], 0]);
    expect(first.health.lastError).toBeUndefined();
  });

  it('is not tried again when its time is over, which is that of all attempts together', () => {
    begin();
    jest.advanceTimersByTime(600);
    attempts[0]?.receiver.failed(refused, false);
    jest.advanceTimersByTime(500);
    expect([attempts.length, heard, outstanding()]).toEqual([2, ['failed: the total time is over'], 0]);
  });

  it('is not tried again without room in the budget, which it gives back', () => {
    while (budget.takeRetry());
    begin();
    attempts[0]?.receiver.failed(refused, false);
    expect([attempts.length, heard]).toEqual([1, ['failed: refused']]);
    budget.retryEnds();
    atOnce = (receiver) => receiver.failed(refused, false);
    begin();
    expect(attempts.length).toBe(4);
    expect([budget.takeRetry(), budget.takeRetry()]).toEqual([true, false]);
  });

  it('leaves the trial to another when its client went away', () => {
    backends = [first];
    for (let failure = 0; failure < 5; failure += 1) first.health.failed(false, 'connect', false);
    clock.turn(1000);
    const dispatch = begin();
    expect(first.health.admits(clock.monotonic())).toBe(false);
    dispatch.abandon();
    expect(first.health.admits(clock.monotonic())).toBe(true);
  });
});
