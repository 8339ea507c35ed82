import { parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';

export const roles = ['user', 'admin'] as const;
export const providers = ['local', 'kubernetes', 'oidc'] as const;

export const userSorts = ['createdAt', 'username', 'lastSeenAt'] as const;
export type UserSort = (typeof userSorts)[number];

/** What the list shows and which user is open, in the URL, so that it can be linked to. */
export function useUserParameters() {
  return useQueryStates({
    search: parseAsString.withDefault(''),
    /** The empty text: who has no tier. */
    tier: parseAsString,
    role: parseAsStringLiteral(roles),
    provider: parseAsStringLiteral(providers),
    suspended: parseAsBoolean,
    sort: parseAsStringLiteral(userSorts).withDefault('createdAt'),
    order: parseAsStringLiteral(['asc', 'desc']).withDefault('asc'),
    id: parseAsString,
    create: parseAsBoolean.withDefault(false),
  });
}

export const noFilters = { search: null, tier: null, role: null, provider: null, suspended: null } as const;
