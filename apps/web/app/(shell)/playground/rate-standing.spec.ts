import { expect, it } from '@jest/globals';
import { readStanding } from './rate-standing';

const headers = {
  'x-ratelimit-limit-requests': '5',
  'x-ratelimit-remaining-requests': '4',
  'x-ratelimit-reset-requests': '59.91s',
  'x-ratelimit-limit-tokens': '100',
  'x-ratelimit-remaining-tokens': '82',
  'x-ratelimit-reset-tokens': '1m0s',
};

it('reads what is left, and when all of it is back', () =>
  expect(readStanding(new Headers(headers))).toEqual({
    requests: { limit: 5, remaining: 4, resetSeconds: 59.91 },
    tokens: { limit: 100, remaining: 82, resetSeconds: 60 },
  }));

it('takes a limit without headers for none', () => {
  const { 'x-ratelimit-limit-tokens': _tokens, ...rest } = headers;
  expect(readStanding(new Headers(rest))?.tokens).toEqual({ limit: null, remaining: null, resetSeconds: 0 });
});

it('knows nothing of an answer without any', () => expect(readStanding(new Headers())).toBe(undefined));
