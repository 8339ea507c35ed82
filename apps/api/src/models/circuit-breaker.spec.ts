import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CircuitBreaker } from './circuit-breaker.js';

/** A breaker that failed so many times in a row, at one instant. */
function broken(failures = 5, now = 0): CircuitBreaker {
  const breaker = new CircuitBreaker(now);
  for (let failure = 0; failure < failures; failure += 1) breaker.failed(now, breaker.enter(now), false);
  return breaker;
}

/** One request that is answered whole, or fails before its answer. */
function request(breaker: CircuitBreaker, now: number, succeeds: boolean, canBeSpared = false): void {
  const isTrial = breaker.enter(now);
  if (!succeeds) return breaker.failed(now, isTrial, canBeSpared);
  breaker.answered(now, isTrial);
  breaker.completed();
}

describe('failures in a row', () => {
  it('open it at the fifth, not before', () => {
    expect(broken(4).state(0)).toBe('closed');
    expect(broken(5).state(0)).toBe('open');
    expect(broken(5).admits(0)).toBe(false);
  });

  it('are counted anew after any answer', () => {
    const breaker = broken(4);
    request(breaker, 0, true);
    for (let failure = 0; failure < 4; failure += 1) request(breaker, 0, false);
    expect(breaker.state(0)).toBe('closed');
  });

  it('open it for 1 s, 2 s, … 30 s as long as the trial fails', () => {
    const breaker = broken();
    let now = 0;
    for (const seconds of [1, 2, 4, 8, 16, 30, 30, 30]) {
      expect(breaker.admitsFrom(now)).toBe(now + seconds * 1000);
      expect(breaker.admits(now + seconds * 1000 - 1)).toBe(false);
      now += seconds * 1000;
      expect([breaker.state(now), breaker.admits(now)]).toEqual(['half-open', true]);
      request(breaker, now, false);
      expect(breaker.state(now)).toBe('open');
    }
  });

  it('count for nothing when the requests were sent before it opened', () => {
    const breaker = broken();
    breaker.failed(500, false, false);
    breaker.answered(600, false);
    expect(breaker.admitsFrom(700)).toBe(1000);
  });
});

describe('half-open', () => {
  it('lets one request through, and closes when it is answered', () => {
    const breaker = broken();
    const isTrial = breaker.enter(1000);
    expect([isTrial, breaker.admits(1000), breaker.enter(1000)]).toEqual([true, false, false]);
    breaker.answered(1500, isTrial);
    expect([breaker.state(1500), breaker.admits(1500), breaker.since(1500)]).toEqual(['closed', true, 1500]);
  });

  it('lets another one through when the client of the first went away', () => {
    const breaker = broken();
    breaker.dropped(breaker.enter(1000));
    expect(breaker.enter(1000)).toBe(true);
  });

  it('begins with the shortest back-off again after a whole answer', () => {
    const breaker = broken();
    request(breaker, 1000, false);
    request(breaker, 3000, true);
    for (let failure = 0; failure < 5; failure += 1) request(breaker, 3000, false);
    expect(breaker.admitsFrom(3000)).toBe(4000);
  });
});

describe('the ratio of failures', () => {
  const failing = (breaker: CircuitBreaker, pattern: string, canBeSpared: boolean) => {
    for (const sign of pattern) request(breaker, 0, sign === '.', canBeSpared);
  };

  it('ejects when more than half of the last twenty failed, and another can take over', () => {
    const breaker = new CircuitBreaker(0);
    failing(breaker, 'x.x.x.x.x.x.x.x.x.x.', true);
    expect(breaker.state(0)).toBe('closed');
    failing(breaker, 'x', true);
    expect(breaker.state(0)).toBe('closed');
    failing(breaker, 'x', true);
    expect([breaker.state(0), breaker.admits(0), breaker.isReady(0)]).toEqual(['open', false, true]);
  });

  it('says nothing of fewer than twenty requests', () => {
    const breaker = new CircuitBreaker(0);
    failing(breaker, 'xxx.xxx.xxx.xxx.xxx', true);
    expect(breaker.state(0)).toBe('closed');
    failing(breaker, '.', true);
    expect(breaker.state(0)).toBe('closed');
    failing(breaker, 'x', true);
    expect(breaker.state(0)).toBe('open');
  });

  it('never ejects the last', () => {
    const breaker = new CircuitBreaker(0);
    for (let turn = 0; turn < 50; turn += 1) failing(breaker, 'xxxx.', false);
    expect(breaker.state(0)).toBe('closed');
  });

  it('counts answers that broke off, though they are no failures in a row', () => {
    const breaker = new CircuitBreaker(0);
    for (let turn = 0; turn < 19; turn += 1) {
      breaker.answered(0, breaker.enter(0));
      breaker.brokeOff(0, true);
    }
    expect(breaker.state(0)).toBe('closed');
    breaker.brokeOff(0, true);
    expect(breaker.state(0)).toBe('open');
  });

  it('leaves an ejected one to those who have no other, until it fails five times in a row', () => {
    const breaker = new CircuitBreaker(0);
    failing(breaker, 'xxxx.xxxx.xxxx.xxxx.x', true);
    expect([breaker.admits(0), breaker.admitsAsLast(0)]).toEqual([false, true]);
    failing(breaker, 'xxx', false);
    expect(breaker.admitsAsLast(0)).toBe(true);
    failing(breaker, 'x', false);
    expect([breaker.admitsAsLast(0), breaker.isReady(0), breaker.state(0)]).toEqual([false, false, 'open']);
  });
});

describe('one that asks to be left alone', () => {
  it('takes no request until then, and any afterwards', () => {
    const breaker = new CircuitBreaker(0);
    breaker.cool(0, 7000);
    expect([breaker.state(0), breaker.admits(6999), breaker.isReady(6999), breaker.since(10)]).toEqual([
      'open',
      false,
      false,
      0,
    ]);
    expect([breaker.state(7000), breaker.admits(7000), breaker.since(9000)]).toEqual(['closed', true, 7000]);
    expect([breaker.enter(7000), breaker.admits(7000)]).toEqual([false, true]);
  });

  it('is not called back by a probe', () => {
    const breaker = broken();
    breaker.cool(0, 7000);
    breaker.foundAlive(5000, true);
    expect([breaker.admits(6999), breaker.admits(7000)]).toEqual([false, true]);
  });
});

describe('a probe', () => {
  it('is the trial when one is due; the first failure after it opens again, for longer', () => {
    const breaker = broken();
    breaker.foundAlive(999, false);
    expect(breaker.state(999)).toBe('open');
    breaker.foundAlive(1000, false);
    expect(breaker.state(1000)).toBe('closed');
    request(breaker, 1000, false);
    expect(breaker.admitsFrom(1000)).toBe(3000);
  });

  it('closes before the time when nobody’s being there was the trouble', () => {
    const breaker = broken();
    breaker.foundAlive(10, true);
    expect(breaker.state(10)).toBe('closed');
  });

  it('leaves the judgement to a trial that is under way', () => {
    const breaker = broken();
    const isTrial = breaker.enter(1000);
    breaker.foundAlive(1001, true);
    breaker.foundDead(1001);
    expect([isTrial, breaker.state(1001), breaker.admits(1001)]).toEqual([true, 'half-open', false]);
  });

  it('that finds nobody counts as a failure', () => {
    const breaker = new CircuitBreaker(0);
    for (let turn = 0; turn < 5; turn += 1) breaker.foundDead(turn);
    expect(breaker.state(4)).toBe('open');
    breaker.foundDead(500);
    expect(breaker.admitsFrom(500)).toBe(1004);
    breaker.foundDead(1004);
    expect(breaker.admitsFrom(1004)).toBe(3004);
  });
});

describe('whatever happens', () => {
  type Event = readonly [what: number, which: number, elapsed: number];
  const events = fc.array(
    fc.tuple(fc.nat(6), fc.nat(100), fc.constantFrom(0, 1, 100, 999, 1000, 5000, 31_000)) as fc.Arbitrary<Event>,
    { maxLength: 300 },
  );

  /** Plays requests, probes and cool-downs in any order, as a sender that only sends when it is admitted. */
  function play(breaker: CircuitBreaker, list: readonly Event[], check: (trials: number) => void): number {
    const running: boolean[] = [];
    let now = 0;
    for (const [what, which, elapsed] of list) {
      now += elapsed;
      if (what === 0 && breaker.admits(now)) running.push(breaker.enter(now));
      else if (what === 4) breaker.foundAlive(now, which % 2 === 0);
      else if (what === 5) breaker.foundDead(now);
      else if (what === 6) breaker.cool(now, 1000 + which * 500);
      else if (what > 0 && running.length > 0) {
        const [isTrial = false] = running.splice(which % running.length, 1);
        if (what === 1) breaker.answered(now, isTrial);
        else if (what === 2) breaker.failed(now, isTrial, which % 2 === 0);
        else breaker.dropped(isTrial);
      }
      check(running.filter(Boolean).length);
    }
    for (const isTrial of running) breaker.dropped(isTrial);
    return now;
  }

  it('never has more than one trial at a time', () => {
    fc.assert(
      fc.property(events, (list) => {
        play(new CircuitBreaker(0), list, (trials) => expect(trials).toBeLessThanOrEqual(1));
      }),
      { numRuns: 300 },
    );
  });

  it('takes requests again within a minute, and is closed by the first that is answered', () => {
    fc.assert(
      fc.property(events, (list) => {
        const breaker = new CircuitBreaker(0);
        const ended = play(breaker, list, () => undefined);
        expect(breaker.admitsFrom(ended) - ended).toBeLessThanOrEqual(60_000);
        const later = breaker.admitsFrom(ended);
        expect(breaker.admits(later)).toBe(true);
        request(breaker, later, true);
        expect(breaker.state(later)).toBe('closed');
      }),
      { numRuns: 300 },
    );
  });
});
