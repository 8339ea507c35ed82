import { z } from 'zod';

/** Where to continue a list, and how much of it to give. */
export const PageQuery = z.object({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(50)
    .meta({ description: 'How many rows to answer, 1 to 100.' }),
  after: z
    .string()
    .max(2048)
    .optional()
    .meta({ description: '`next_cursor` of the page before; absent for the first page.' }),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** A part of what is looked for, without regard to case. @param where what it is looked for in */
export function searchFor(where: string) {
  return z
    .string()
    .max(256)
    .optional()
    .meta({ description: `Part of ${where}; upper and lower case are the same.` });
}

/** The direction of a list whose order can be chosen. */
export const SortOrder = z.enum(['asc', 'desc']);
export type SortOrder = z.infer<typeof SortOrder>;

/** One page of a list, in a stable order. */
export function pageOf<Row extends z.ZodType>(row: Row, id: string) {
  return z
    .object({
      object: z.literal('list'),
      data: z.array(row),
      has_more: z.boolean(),
      next_cursor: z.string().nullable(),
    })
    .meta({ id });
}

/** An instant, as RFC 3339 in UTC, not before 1970. */
export const Instant = z.iso.datetime().refine((text) => Date.parse(text) >= 0, 'must not be before 1970');
