import { describe, expect, it } from '@jest/globals';
import { failureOf, providerFetch, reasonOf } from './provider-fetch.js';
import { SignInFailure } from './sign-in-failure.js';

const asked = { body: undefined, headers: {}, method: 'GET', redirect: 'manual' } as const;
const fetching = (answer: () => Promise<Response>) => providerFetch(answer)('https://id.example.com/x', asked);

describe('what an identity provider answers', () => {
  it.each([200, 302, 400, 401, 404])('is passed on with status %s', async (status) => {
    expect((await fetching(async () => new Response(null, { status }))).status).toBe(status);
  });

  it.each([429, 500, 502, 503])('with status %s means that it is away', async (status) => {
    await expect(fetching(async () => new Response('x', { status }))).rejects.toMatchObject({
      code: 'provider_unavailable',
    });
  });

  it('when it does not answer means that it is away', async () => {
    const fails = fetching(() => Promise.reject(new TypeError('fetch failed')));
    await expect(fails).rejects.toMatchObject({ code: 'provider_unavailable' });
  });
});

describe('what an error means', () => {
  it('is what was found out, however deep it is wrapped', () => {
    const away = new SignInFailure('provider_unavailable');
    expect(failureOf(new Error('a', { cause: new Error('b', { cause: away }) }), 'provider_rejected')).toBe(away);
  });

  it.each([
    ['access_denied', 'access_denied'],
    ['login_required', 'access_denied'],
    ['temporarily_unavailable', 'provider_unavailable'],
    ['invalid_grant', 'provider_rejected'],
    ['toString', 'provider_rejected'],
  ])('follows what the provider said, %s: %s', (error, code) => {
    expect(failureOf(Object.assign(new Error('x'), { error }), 'provider_rejected').code).toBe(code);
  });

  it('is what is said otherwise for all else', () => {
    expect(failureOf('text', 'provider_rejected').code).toBe('provider_rejected');
    expect(failureOf(Object.assign(new Error('x'), { code: 'OAUTH_TIMEOUT' }), 'provider_rejected').code).toBe(
      'provider_unavailable',
    );
  });
});

describe('what the log says of an error', () => {
  it('is each word of it, with the code of the provider, and nothing that the provider or the browser chose', () => {
    const refused = (error: unknown) => Object.assign(new Error('refused'), { error });
    expect(reasonOf(new Error('a', { cause: refused('invalid_scope') }))).toBe('a: refused (invalid_scope)');
    for (const odd of ['Bearer eyJhbGciOi', 'a b', '', 7, undefined]) expect(reasonOf(refused(odd))).toBe('refused');
    expect(reasonOf('text')).toBe('');
  });
});
