import { describe, expect, it, jest } from '@jest/globals';
import { afterOwnTime } from './own-time.js';

describe('own time', () => {
  it('has passed after so many milliseconds of a process that runs', () => {
    jest.useFakeTimers();
    const ended = jest.fn();
    afterOwnTime(1000, ended);
    jest.advanceTimersByTime(999);
    expect(ended).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(ended).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(5000);
    expect(ended).toHaveBeenCalledTimes(1);
    jest.useRealTimers();
  });

  it('does not pass while the process stands still: an answer that came meanwhile is read', async () => {
    let ended = false;
    const cancel = afterOwnTime(200, () => (ended = true));
    const answered = new Promise<void>((resolve) => setImmediate(resolve));
    const until = performance.now() + 400;
    while (performance.now() < until);
    await answered;
    expect(ended).toBe(false);
    cancel();
  });

  it('can be taken back', () => {
    jest.useFakeTimers();
    const ended = jest.fn();
    afterOwnTime(100, ended)();
    jest.advanceTimersByTime(1000);
    expect(ended).not.toHaveBeenCalled();
    jest.useRealTimers();
  });
});
