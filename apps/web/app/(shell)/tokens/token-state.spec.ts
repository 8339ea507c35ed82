import { describe, expect, it } from '@jest/globals';
import { tokenState } from './token-state';

const createdAt = '2026-01-01T00:00:00Z';
const at = (text: string) => Date.parse(text);

describe('tokenState', () => {
  const fourHours = { status: 'active', createdAt, expiresAt: '2026-01-01T04:00:00Z' } as const;

  it.each([
    ['2026-01-01T00:00:00Z', 'active'],
    ['2026-01-01T03:35:59Z', 'active'],
    ['2026-01-01T03:36:00Z', 'expiring'],
    ['2026-01-01T04:00:00Z', 'expired'],
  ])('at %s a token of four hours is %s', (now, state) => expect(tokenState(fourHours, at(now))).toBe(state));

  it('warns a week before the end at the earliest', () => {
    const year = { status: 'active', createdAt, expiresAt: '2027-01-01T00:00:00Z' } as const;
    expect(tokenState(year, at('2026-12-24T23:59:59Z'))).toBe('active');
    expect(tokenState(year, at('2026-12-25T00:00:00Z'))).toBe('expiring');
  });

  it('leaves revoked what is revoked', () =>
    expect(tokenState({ ...fourHours, status: 'revoked' }, at('2026-01-01T03:59:00Z'))).toBe('revoked'));
});
