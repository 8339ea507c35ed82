import { describe, expect, it } from '@jest/globals';
import { isSecure, originOf } from './origin.js';

const none = { PUBLIC_URL: undefined };

describe('our origin', () => {
  it('is that of PUBLIC_URL, as browsers write it', () => {
    const asked = { protocol: 'http', host: 'backend:8080' } as const;
    expect(originOf({ PUBLIC_URL: 'https://MAAS.example.com:443/base' }, asked)).toBe('https://maas.example.com');
    expect(isSecure({ PUBLIC_URL: 'https://maas.example.com' }, asked)).toBe(true);
    expect(isSecure({ PUBLIC_URL: 'http://maas.example.com' }, { protocol: 'https' })).toBe(false);
  });

  it('is otherwise the one that was asked', () => {
    expect(originOf(none, { protocol: 'https', host: 'Host:443' })).toBe('https://host');
    expect(originOf(none, { protocol: 'http', host: '[::1]:8080' })).toBe('http://[::1]:8080');
    expect([isSecure(none, { protocol: 'https' }), isSecure(none, { protocol: 'http' })]).toEqual([true, false]);
  });

  it.each(['', 'a/b', 'a?b', 'a#b', 'user@host', 'a\\b', 'a b', 'a:b', 'host:99999', '[::1'])(
    'is not made of what can be no host: %j',
    (host) => {
      expect(() => originOf(none, { protocol: 'http', host })).toThrow('The Host header is not a host');
    },
  );
});
