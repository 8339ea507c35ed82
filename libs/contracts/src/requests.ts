import { z } from 'zod';
import { Instant, PageQuery } from './paging.js';
import { timeRange } from './time-range.js';

/** How a request ended: `2xx` well, `4xx` by the caller (499: went away), `5xx` by us (500: interrupted) or the backend, `error`: 4xx or 5xx. */
export const StatusClass = z.enum(['2xx', '4xx', '5xx', 'error']);
export type StatusClass = z.infer<typeof StatusClass>;

/** Where the token counts come from: reported by the backend, counted from the stream, or estimated from the text's size. */
export const CountSource = z.enum(['upstream', 'counted', 'estimated']);

/** One admitted request, as it was metered. What was asked and answered is kept nowhere. */
export const RequestRow = z
  .object({
    object: z.literal('request'),
    id: z.uuid().meta({ description: 'The `x-request-id` of the answer.' }),
    at: Instant,
    model: z.string(),
    token: z.uuid(),
    tokenName: z.string().nullable(),
    tier: z.string(),
    endpoint: z.string().meta({ example: 'chat/completions' }),
    status: z.int().meta({
      description:
        'The HTTP status; 499 when the client went away, 500 when the process that answered ended before the answer did.',
    }),
    streamed: z.boolean(),
    promptTokens: z.int(),
    completionTokens: z.int(),
    totalTokens: z.int(),
    countSource: CountSource,
    firstByteMs: z.int().nullable(),
    durationMs: z.int(),
  })
  .meta({ id: 'RequestRow' });
export type RequestRow = z.infer<typeof RequestRow>;

export const AdminRequestRow = RequestRow.extend({
  user: z.uuid(),
  username: z.string().nullable().meta({ description: 'null when the user was deleted.' }),
  backend: z.uuid().nullable(),
}).meta({ id: 'AdminRequestRow' });
export type AdminRequestRow = z.infer<typeof AdminRequestRow>;

export const RequestQuery = PageQuery.extend({
  from: timeRange.from.meta({ description: 'Start, inclusive. Default: 30 days before `to`.' }),
  to: timeRange.to,
  model: z.string().max(128).optional(),
  token: z.uuid().optional().meta({ description: 'The `jti` of a token.' }),
  status: StatusClass.optional(),
  id: z.uuid().optional().meta({ description: 'The `x-request-id` of an answer.' }),
});
export type RequestQuery = z.infer<typeof RequestQuery>;

export const AdminRequestQuery = RequestQuery.extend({
  user: z.uuid().optional(),
  tier: z.string().max(128).optional(),
});
export type AdminRequestQuery = z.infer<typeof AdminRequestQuery>;
