import { expect, it } from '@jest/globals';
import { RestartDelay } from './restart-delay.js';

it('a worker is replaced soon, ever later while its successors end at once, and soon again after one that lasted', () => {
  const delay = new RestartDelay();
  const delays = [3_600_000, 0, 0, 0, 0, 0, 0, 0, 59_999, 60_000, 0].map((lived) => delay.after(lived));
  expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 500, 1000]);
});
