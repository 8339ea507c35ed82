import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { tokenSorts, tokenStatuses } from '@/app/(shell)/tokens/token-parameters';

/** What the list shows, in the URL, so that it can be linked to. */
export function useAdminTokenParameters() {
  return useQueryStates({
    search: parseAsString.withDefault(''),
    user: parseAsString,
    status: parseAsStringLiteral(tokenStatuses),
    sort: parseAsStringLiteral(tokenSorts).withDefault('createdAt'),
    order: parseAsStringLiteral(['asc', 'desc']).withDefault('desc'),
  });
}
