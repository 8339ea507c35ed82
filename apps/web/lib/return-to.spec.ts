import { describe, expect, it } from '@jest/globals';
import { safeReturnTo } from './return-to';

describe('safeReturnTo', () => {
  it.each(['/', '/tokens', '/tokens?status=active&search=a%20b', '/admin/tiers#premium'])('keeps %s', (path) =>
    expect(safeReturnTo(path)).toBe(path),
  );

  it.each([
    null,
    '',
    'tokens',
    '//evil.example',
    '/\\evil.example',
    '/a\\..\\evil',
    'https://evil.example/',
    'javascript:alert(1)',
    '/\t/evil.example',
    '/ evil',
    '/sign-in?returnTo=/sign-in',
  ])('leads home instead of to %j', (text) => expect(safeReturnTo(text)).toBe('/'));
});
