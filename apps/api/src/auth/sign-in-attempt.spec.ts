import { describe, expect, it } from '@jest/globals';
import { beginAttempt, resumeAttempt } from './sign-in-attempt.js';

const NOW = 1_800_000_000_000;
const begin = (returnTo: unknown = '/tokens') => beginAttempt('oidc', returnTo, NOW);
const resume = (cookie: string | undefined, state: unknown, at = NOW) => resumeAttempt('oidc', cookie, state, at);

describe('an attempt to sign in', () => {
  it('is taken up again by its cookie and its state', () => {
    const { attempt, cookie } = begin();
    expect(resume(cookie, attempt.state, NOW + 599_999)).toEqual(attempt);
    expect(attempt.returnTo).toBe('/tokens');
  });

  it('has a state, a nonce and a verifier that tell nothing of each other or of another attempt', () => {
    const values = [begin(), begin()].flatMap(({ attempt: { state, nonce, verifier }, cookie }) => [
      state,
      nonce,
      verifier,
      cookie.slice(0, 43),
    ]);
    expect(new Set(values).size).toBe(values.length);
    // RFC 7636 §4.1: 43 to 128 unreserved characters.
    for (const value of values) expect(value).toMatch(/^[\w-]{43}$/);
  });

  it('ends after ten minutes, and begins no sooner than it began', () => {
    const { attempt, cookie } = begin();
    expect(resume(cookie, attempt.state, NOW + 600_000)).toBeUndefined();
    expect(resume(cookie, attempt.state, NOW - 1)).toBeUndefined();
  });

  it('is nobody else’s: not by another state, another cookie, or for another provider', () => {
    const [{ attempt, cookie }, other] = [begin(), begin()];
    for (const state of [other.attempt.state, attempt.nonce, '', undefined, [attempt.state], `${attempt.state}=`]) {
      expect(resume(cookie, state)).toBeUndefined();
    }
    for (const value of [other.cookie, undefined, '', 'x', `${cookie}.`, ` ${cookie}`]) {
      expect(resume(value, attempt.state)).toBeUndefined();
    }
    expect(resumeAttempt('openshift', cookie, attempt.state, NOW)).toBeUndefined();
  });

  it('stands and falls with every part of its cookie', () => {
    const { attempt, cookie } = begin();
    const parts = cookie.split('.');
    const changed = [
      ['A'.repeat(43), NOW, 'oidc', parts[3]],
      [parts[0], NOW + 1, 'oidc', parts[3]],
      [parts[0], `0${NOW}`, 'oidc', parts[3]],
      [parts[0], NOW, 'oidc', Buffer.from('/admin').toString('base64url')],
    ];
    for (const some of changed) expect(resume(some.join('.'), attempt.state, NOW + 1)).toBeUndefined();
  });

  it('goes back to a page of ours alone, and fits into a cookie', () => {
    expect(begin('//evil.example').attempt.returnTo).toBe('/');
    expect(begin(`/${'é'.repeat(171)}`).attempt.returnTo).toBe('/');
    const longest = `/${'é'.repeat(170)}`;
    const { attempt, cookie } = begin(longest);
    expect(cookie.length).toBeLessThan(2000);
    expect(resume(cookie, attempt.state)?.returnTo).toBe(encodeURI(longest));
  });
});
