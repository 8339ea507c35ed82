import type { Identity, Unsaid } from './identity.js';

/** Which claims say what. A name with dots also leads into objects, as in Keycloak's `realm_access.roles`. */
export interface ClaimNames {
  readonly groups: string;
  readonly username: string;
}

type Claims = Readonly<Record<string, unknown>>;

const MOST_GROUPS = 1000;
/** As long as a group's name can be where groups are set by hand. */
const LONGEST_GROUP = 253;
const LONGEST_NAME = 256;

/**
 * Whom the claims of an id token (and of the userinfo endpoint) name.
 * @param saidAt Unix milliseconds at which the provider said so
 * @returns undefined when they name nobody: no issuer or subject, or one that cannot be kept
 */
export function identityOf(claims: Claims, names: ClaimNames, saidAt: number): Identity | undefined {
  const issuer = textOf(claims['iss']);
  const sub = textOf(claims['sub']);
  if (issuer === undefined || sub === undefined) return undefined;
  const email = textOf(claims['email']);
  return {
    provider: 'oidc',
    // OpenID Connect Core §5.7: only both together name somebody for good.
    subject: `${issuer} ${sub}`,
    username: textOf(claimOf(claims, names.username)) ?? email ?? sub,
    email: email ?? null,
    groups: groupsOf(claimOf(claims, names.groups)),
    saidAt,
  };
}

/** What the claims leave out, and the userinfo endpoint may know. */
export function unsaidBy(claims: Claims, names: ClaimNames): Unsaid[] {
  const claimed = { ...names, email: 'email' };
  return (['groups', 'username', 'email'] as const).filter((what) => claimOf(claims, claimed[what]) === undefined);
}

function claimOf(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Claims)[part];
  }
  return value;
}

function groupsOf(claim: unknown): string[] {
  const groups = Array.isArray(claim) ? (claim as unknown[]) : [claim];
  return groups.filter((group): group is string => isKeepable(group, LONGEST_GROUP)).slice(0, MOST_GROUPS);
}

function textOf(claim: unknown): string | undefined {
  return isKeepable(claim, LONGEST_NAME) ? claim : undefined;
}

/** PostgreSQL keeps neither U+0000 nor half of a surrogate pair. */
function isKeepable(value: unknown, longest: number): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= longest &&
    value.isWellFormed() &&
    !value.includes('\0')
  );
}
