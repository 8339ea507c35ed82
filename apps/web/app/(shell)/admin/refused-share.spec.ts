import { expect, it } from '@jest/globals';
import { refusedShare } from './refused-share';

it.each([
  [{ requests: 0, refused: 0 }, 0],
  [{ requests: null, refused: null }, 0],
  [{ requests: 30, refused: 10 }, 0.25],
  [{ requests: 0, refused: 5 }, 1],
])('the refused share of %j is %d', (counts, share) => expect(refusedShare(counts)).toBe(share));
