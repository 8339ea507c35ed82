import type { CustomFetch } from 'openid-client';
import { SignInFailure } from './sign-in-failure.js';

/** How long an identity provider may take for an answer, in seconds. */
export const PROVIDER_SECONDS = 5;

/** Asks an identity provider, and tells that it is away from that it says no. */
export function providerFetch(send: CustomFetch = fetchByNode): CustomFetch {
  return async (url, options) => {
    let response: Response;
    try {
      response = await send(url, options);
    } catch (error) {
      throw new SignInFailure('provider_unavailable', error);
    }
    if (response.status < 500 && response.status !== 429) return response;
    await response.body?.cancel();
    throw new SignInFailure('provider_unavailable', new Error(`${new URL(url).host} answered ${response.status}`));
  };
}

// An absent body is undefined there, and absent here.
const fetchByNode: CustomFetch = (url, { body, ...options }) =>
  fetch(url, body === undefined ? options : { ...options, body: body as string | URLSearchParams });

/** What a library's error means for the sign-in: what `providerFetch` found out, however deep it is wrapped, or `otherwise`. */
export function failureOf(error: unknown, otherwise: SignInFailure['code']): SignInFailure {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof SignInFailure) return cause;
    if ('code' in cause && cause.code === 'OAUTH_TIMEOUT') return new SignInFailure('provider_unavailable', error);
    // RFC 6749 §4.1.2.1: what the provider sends back by the browser when it does not let somebody in.
    const code = 'error' in cause ? refusals.get(String(cause.error)) : undefined;
    if (code) return new SignInFailure(code, error);
  }
  return new SignInFailure(otherwise, error);
}

const refusals: ReadonlyMap<string, SignInFailure['code']> = new Map([
  ['access_denied', 'access_denied'],
  ['login_required', 'access_denied'],
  ['interaction_required', 'access_denied'],
  ['consent_required', 'access_denied'],
  ['server_error', 'provider_unavailable'],
  ['temporarily_unavailable', 'provider_unavailable'],
]);

/** An error with what caused it, for the log: the library's words, and the provider's own code for it, never a value. */
export function reasonOf(error: unknown): string {
  const reasons: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = 'error' in cause ? cause.error : undefined;
    const named = typeof code === 'string' && /^[a-z_]{1,64}$/.test(code);
    reasons.push(named ? `${cause.message} (${code})` : cause.message);
  }
  return reasons.join(': ');
}
