import { describe, expect, it } from '@jest/globals';
import { fromZonedInput, toZonedInput } from './zoned-input';

describe('an instant in an input of the browser', () => {
  it.each([
    ['2026-01-31T14:30:00.000Z', 'UTC', '2026-01-31T14:30'],
    ['2026-01-31T14:30:00.000Z', 'Europe/Berlin', '2026-01-31T15:30'],
    ['2026-07-31T23:30:00.000Z', 'Europe/Berlin', '2026-08-01T01:30'],
    ['2026-01-31T14:30:00.000Z', 'Asia/Kolkata', '2026-01-31T20:00'],
    ['2026-03-29T00:59:00.000Z', 'Europe/Berlin', '2026-03-29T01:59'],
    ['2026-03-29T01:00:00.000Z', 'Europe/Berlin', '2026-03-29T03:00'],
    ['2026-11-01T05:30:00.000Z', 'America/New_York', '2026-11-01T01:30'],
  ])('%s in %s is %s, and back', (instant, zone, text) => {
    expect(toZonedInput(instant, zone)).toBe(text);
    expect(fromZonedInput(text, zone)).toBe(instant);
  });

  it('is the first of the two instants of a time that clocks show twice', () => {
    expect(toZonedInput('2026-11-01T06:30:00.000Z', 'America/New_York')).toBe('2026-11-01T01:30');
    expect(fromZonedInput('2026-11-01T01:30', 'America/New_York')).toBe('2026-11-01T05:30:00.000Z');
  });

  it('is an hour later where clocks skip its time', () =>
    expect(fromZonedInput('2026-03-29T02:30', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z'));

  it('is undefined until it is complete', () => {
    expect(fromZonedInput('', 'UTC')).toBeUndefined();
    expect(fromZonedInput('2026-01-', 'UTC')).toBeUndefined();
  });
});
