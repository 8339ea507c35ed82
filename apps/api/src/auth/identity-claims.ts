import { decodeJwt, decodeProtectedHeader } from 'jose';
import { isAccountOfOurs, type Naming } from './account-names.js';

/** More does not fit into the headers of a request to an API server (Go's http.DefaultMaxHeaderBytes is 1 MiB, ours 16 KiB). */
const LONGEST = 16 * 1024;
// RFC 6750 §2.1, b64token.
const form = /^[A-Za-z0-9._~+/-]+=*$/;
/** By which an API server lets the clocks of two machines differ (go-jose, DefaultLeeway). */
const LEEWAY_SECONDS = 60;

interface Expected extends Naming {
  readonly KUBERNETES_AUDIENCES: readonly string[];
}

/**
 * Says by a look alone that no API server would vouch for a token: it is not worth a question. Of what is no JWT, and of what
 * is well made, nothing is known: an issuer may be any that the cluster trusts.
 * @param now Unix milliseconds
 */
export function cannotBeGood(token: string, expected: Expected, now: number): boolean {
  if (token.length > LONGEST || !form.test(token)) return true;
  const claims = claimsOf(token);
  if (!claims) return false;
  const { alg, sub, exp, aud } = claims;
  if (alg === undefined || alg === 'none') return true;
  if (exp !== undefined && (exp + LEEWAY_SECONDS) * 1000 <= now) return true;
  if (sub === undefined) return false;
  // What is issued here is no identity.
  if (isAccountOfOurs(expected, sub)) return true;
  // Tokens of ServiceAccounts alone are for audiences that the API server is asked for.
  const { KUBERNETES_AUDIENCES: audiences } = expected;
  if (!sub.startsWith('system:serviceaccount:') || audiences.length === 0 || aud === undefined) return false;
  return ![aud].flat().some((audience) => audiences.includes(audience));
}

function claimsOf(token: string) {
  try {
    const { alg } = decodeProtectedHeader(token);
    const { sub, exp, aud } = decodeJwt(token);
    return { alg, sub, exp: typeof exp === 'number' ? exp : undefined, aud };
  } catch {
    return undefined;
  }
}
