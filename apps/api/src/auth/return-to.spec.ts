import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { returnPath } from './return-to.js';

const BASES = ['https://maas.example.com/auth/oidc/callback?code=x', 'http://localhost:8080/auth/openshift/callback'];

describe('the way back', () => {
  it.each([
    '/',
    '/tokens',
    '/tokens?new=1&x=%2F',
    '/admin/tiers#free',
    '/a:b',
    '/%2Fevil.example',
    '/?u=https://x.example',
  ])('to a path of ours is kept: %s', (path) => {
    expect(returnPath(path)).toBe(path);
  });

  it.each([
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\/evil.example',
    '\\\\evil.example',
    '/tokens\\..\\x',
    'https://evil.example',
    'https:evil.example',
    'http:/evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'evil.example',
    '@evil.example',
    '.',
    '',
    ' /tokens',
    '\t//evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/\r\nset-cookie: x=y',
    '/\u0000',
    '/\u0085/evil.example',
    '/.//evil.example',
    '/..//evil.example',
    '/x/..//evil.example',
    '/%2e//evil.example',
    '/\ud800',
    `/${'x'.repeat(1024)}`,
    undefined,
    null,
    7,
    ['/tokens', '/x'],
    { toString: () => '/tokens' },
  ])('to anything else is to the first page: %j', (wish) => {
    expect(returnPath(wish)).toBe('/');
  });

  it('leads to our origin whatever it is given, and is what it returns', () => {
    const parts = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      ':',
      '@',
      '?',
      '#',
      '%2f',
      '%5c',
      '\t',
      '\r',
      '\n',
      'evil.example',
      'https',
      ' ',
      'é',
    );
    const wishes = fc.oneof(fc.string(), fc.array(parts).map((some) => some.join('')), fc.array(parts).map((some) => `/${some.join('')}`)); // prettier-ignore
    fc.assert(
      fc.property(wishes, (wish) => {
        const path = returnPath(wish);
        for (const base of BASES) expect(new URL(path, base).origin).toBe(new URL(base).origin);
        expect(path).toMatch(/^\/(?!\/)[\u0021-\u007e]*$/);
        expect(returnPath(path)).toBe(path);
      }),
      { numRuns: 5000 },
    );
  });
});
