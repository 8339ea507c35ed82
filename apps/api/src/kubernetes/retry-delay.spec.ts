import { expect, it } from '@jest/globals';
import { RetryDelay } from './retry-delay.js';

const most = (delay: RetryDelay, times: number) => Array.from({ length: times }, () => delay.after(undefined));

it('is twice as long each time, up to half a minute', () => {
  expect(most(new RetryDelay(() => 1), 8)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

it('is half of that at least, so that many processes do not come back together', () => {
  expect(most(new RetryDelay(() => 0), 3)).toEqual([250, 500, 1000]);
});

it('is never shorter than the server asked for, but five minutes at most', () => {
  const delay = new RetryDelay(() => 1);
  expect([delay.after(7000), delay.after(86_400_000), delay.after(0)]).toEqual([7000, 300_000, 2000]);
});

it('begins anew once the server has answered', () => {
  const delay = new RetryDelay(() => 1);
  most(delay, 5);
  delay.reset();
  expect(delay.after(undefined)).toBe(500);
});
