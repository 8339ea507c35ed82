import { z } from 'zod';

/** A whole number within bounds. @param what a sentence without its subject, for whatever is not taken */
export function wholeNumber(least: number, most: number, what: string) {
  return z.coerce.number(what).int(what).min(least, what).max(most, what);
}

/** One of a few words; whatever else is given is told which. */
export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, { error: `is one of ${values.join(', ')}` });
}
