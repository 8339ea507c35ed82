import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Deadlines, type Timed } from './deadlines.js';

let deadlines: Deadlines;
let expired: string[];

beforeEach(() => {
  jest.useFakeTimers();
  deadlines = new Deadlines(64_000);
  expired = [];
});
afterEach(() => {
  deadlines.close();
  jest.useRealTimers();
});

function begin(name: string): Timed {
  const timed: Timed = { place: -1, expiresAt: 0, expire: () => expired.push(name) };
  deadlines.begin(timed);
  return timed;
}

describe('a deadline', () => {
  it('is never too early, and too late by a 64th at most', () => {
    jest.advanceTimersByTime(999);
    begin('a');
    jest.advanceTimersByTime(64_000);
    expect(expired).toEqual([]);
    jest.advanceTimersByTime(1000);
    expect(expired).toEqual(['a']);
  });

  it('passes once for each', () => {
    begin('a');
    jest.advanceTimersByTime(30_000);
    begin('b');
    jest.advanceTimersByTime(40_000);
    expect(expired).toEqual(['a']);
    jest.advanceTimersByTime(200_000);
    expect(expired).toEqual(['a', 'b']);
  });

  it('does not pass for what has ended before', () => {
    const timed = begin('a');
    begin('b');
    jest.advanceTimersByTime(60_000);
    deadlines.end(timed);
    jest.advanceTimersByTime(60_000);
    expect(expired).toEqual(['b']);
  });
});
