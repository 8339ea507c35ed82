import { parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';

export const modelStates = ['enabled', 'disabled'] as const;

/** What the list shows and which model is open, in the URL, so that it can be linked to. */
export function useModelParameters() {
  return useQueryStates({
    search: parseAsString.withDefault(''),
    state: parseAsStringLiteral(modelStates),
    tier: parseAsString,
    id: parseAsString,
    create: parseAsBoolean.withDefault(false),
    addBackend: parseAsBoolean.withDefault(false),
  });
}
