import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';

export const readinesses = ['ready', 'unready'] as const;

/** What the catalogue shows, and which model's drawer is open, in the URL. */
export function useModelParameters() {
  return useQueryStates({
    search: parseAsString.withDefault(''),
    readiness: parseAsStringLiteral(readinesses),
    capability: parseAsString,
    id: parseAsString,
  });
}
