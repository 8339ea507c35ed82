import { parseAsBoolean, parseAsString, useQueryStates } from 'nuqs';

/** Which tier is open, in the URL, so that it can be linked to. */
export function useTierParameters() {
  return useQueryStates({
    tier: parseAsString,
    create: parseAsBoolean.withDefault(false),
  });
}
