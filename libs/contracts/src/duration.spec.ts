import { describe, expect, it } from '@jest/globals';
import { formatDuration, parseDuration } from './duration.js';

describe('parseDuration', () => {
  it.each([
    ['15m', 900_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['601s', 601_000],
    ['250ms', 250],
    ['2d', 172_800_000],
    ['.5h', 1_800_000],
    ['0s', 0],
  ])('reads %s', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));

  it.each(['', '30', '4hours', '1 h', '-1h', '+1h', '1h-30m', 'h', '1e3s', '１h', '1h\n', `${'1'.repeat(99)}h`])(
    'refuses %j',
    (text) => expect(parseDuration(text)).toBeUndefined(),
  );
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [12, '12ms'],
    [1000, '1s'],
    [1500, '1.5s'],
    [360_000, '6m0s'],
    [900_000, '15m0s'],
    [14_400_000, '4h0m0s'],
    [179_560, '2m59.56s'],
    [0.2, '1ms'],
  ])('writes %d ms as %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));
});
