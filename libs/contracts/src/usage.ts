import { z } from 'zod';
import { Instant } from './paging.js';
import { timeRange } from './time-range.js';

/** What usage can be summed by, for oneself. */
export const OwnUsageGroup = z.enum(['hour', 'day', 'model', 'token']);
/** What an administrator can sum usage by. */
export const AdminUsageGroup = z.enum(['hour', 'day', 'model', 'token', 'user', 'tier']);
export type UsageGroup = z.infer<typeof AdminUsageGroup>;

/** One or more of the groups, separated by commas. */
function groupList<Group extends typeof OwnUsageGroup | typeof AdminUsageGroup>(group: Group) {
  const names = group.options.join(', ');
  return z
    .string()
    .default('day')
    .transform((text) => text.split(','))
    .pipe(
      z
        .array(z.enum(group.options, `groupBy takes ${names}, separated by commas`))
        .min(1)
        .max(6),
    )
    .transform((groups) => [...new Set<UsageGroup>(groups)])
    .meta({ description: `One or more of ${names}, separated by commas.`, example: 'day,model' });
}

/** What a list of the largest users of something is ordered by. */
export const UsageOrder = z.enum(['totalTokens', 'requests', 'refused', 'errors']);
export type UsageOrder = z.infer<typeof UsageOrder>;

const range = {
  from: timeRange.from.meta({ description: 'Start, inclusive, cut to the hour (UTC). Default: 7 days before `to`.' }),
  to: timeRange.to,
  model: z.string().max(128).optional(),
  token: z.uuid().optional().meta({ description: 'The `jti` of a token.' }),
  orderBy: UsageOrder.optional().meta({
    description: 'The rows with the largest sums first. Absent: in the order of the groups.',
  }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Only so many rows, 1 to 100: a list of the top ones. Needs `orderBy`.' }),
};
const topNeedsOrder = (query: { limit?: number | undefined; orderBy?: UsageOrder | undefined }) =>
  query.limit === undefined || query.orderBy !== undefined;
const orderNeeded = { error: 'limit needs orderBy: say by what the rows are the top ones', path: ['limit'] };

export const OwnUsageQuery = z
  .object({ ...range, groupBy: groupList(OwnUsageGroup) })
  .refine(topNeedsOrder, orderNeeded);
export type OwnUsageQuery = z.infer<typeof OwnUsageQuery>;

export const AdminUsageQuery = z
  .object({
    ...range,
    tier: z.string().max(128).optional(),
    user: z.uuid().optional(),
    groupBy: groupList(AdminUsageGroup),
  })
  .refine(topNeedsOrder, orderNeeded);
export type AdminUsageQuery = z.infer<typeof AdminUsageQuery>;

/**
 * Sums over a range. Buckets of time begin at the full hour or day, UTC, and are sparse: one in which nothing happened has
 * no row. Token counts can exceed 32 bits.
 */
export const UsageRow = z
  .object({
    hour: Instant.optional(),
    day: z.iso.date().optional(),
    model: z.string().optional(),
    token: z.uuid().optional(),
    tokenName: z.string().nullable().optional(),
    user: z.uuid().optional(),
    username: z.string().nullable().optional(),
    tier: z.string().optional(),
    requests: z.int().meta({ description: 'Requests that were admitted.' }),
    errors: z.int().meta({ description: 'Admitted requests that ended with a status of 400 or more.' }),
    refused: z
      .int()
      .meta({ description: 'Requests that were refused: by a limit, or because their usage could not be recorded.' }),
    promptTokens: z.int(),
    completionTokens: z.int(),
    totalTokens: z.int(),
    averageDurationMs: z.number().nullable(),
    averageFirstByteMs: z.number().nullable(),
  })
  .meta({ id: 'UsageRow' });
export type UsageRow = z.infer<typeof UsageRow>;

export const UsageReport = z
  .object({
    object: z.literal('usage'),
    from: Instant,
    to: Instant,
    groupBy: z.array(AdminUsageGroup),
    data: z.array(UsageRow),
  })
  .meta({ id: 'UsageReport' });
export type UsageReport = z.infer<typeof UsageReport>;
