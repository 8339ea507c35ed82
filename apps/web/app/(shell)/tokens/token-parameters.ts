import { parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';

export const tokenStatuses = ['active', 'expired', 'revoked'] as const;
export const tokenSorts = ['createdAt', 'lastUsedAt', 'expiresAt'] as const;
export type TokenSort = (typeof tokenSorts)[number];

/** What the list shows, in the URL, so that it can be linked to. */
export function useTokenParameters() {
  return useQueryStates({
    search: parseAsString.withDefault(''),
    status: parseAsStringLiteral(tokenStatuses),
    sort: parseAsStringLiteral(tokenSorts).withDefault('createdAt'),
    order: parseAsStringLiteral(['asc', 'desc']).withDefault('desc'),
    create: parseAsBoolean.withDefault(false),
    /** The `jti` of the token whose details are open. */
    token: parseAsString,
  });
}
