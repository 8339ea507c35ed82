import { z } from 'zod';

const lineEnd = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** For zod's `refine`: text stays on one line wherever it is shown, in a table, a menu, CSV or a log. */
export const oneLine = [(text: string) => !lineEnd.test(text), 'must be one line, without control characters'] as const;

/** Such a text, which is not empty. @param longest characters */
export function line(longest: number) {
  return z
    .string()
    .min(1)
    .max(longest)
    .refine(...oneLine);
}
