/** For zod's `regex`: text that stays on one line wherever it is shown, in a table, a menu, CSV or a log. */
export const oneLine = [/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'must be one line, without control characters'] as const;
