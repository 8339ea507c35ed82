import { z } from 'zod';
import { Instant, PageQuery } from './paging.js';
import { timeRange } from './time-range.js';

/** What came of asking a backend for its models, as the gateway would reach it. Its own words are never repeated. */
export const BackendTest = z
  .object({
    object: z.literal('backend_test'),
    ok: z.boolean().meta({ description: 'It answered 2xx, and listed models.' }),
    status: z.int().nullable().meta({ description: 'The HTTP status; null: no answer.' }),
    latencyMs: z.int().meta({ description: 'To the end of the answer, or to the failure.' }),
    models: z.array(z.string()).meta({ description: 'The ids that it lists, at most 100.' }),
    listsModel: z.boolean().nullable().meta({
      description: 'Whether the model that it is registered for is among all that it lists; null: not known.',
    }),
    error: z.string().optional().meta({ description: 'What is wrong and what to look at.' }),
  })
  .meta({ id: 'BackendTest' });
export type BackendTest = z.infer<typeof BackendTest>;

/** A backend stopped or began to be ready, as one process saw it. */
export const BackendTransition = z
  .object({
    object: z.literal('backend_transition'),
    id: z.uuid(),
    backend: z.uuid(),
    url: z.string().nullable().meta({ description: 'null when the backend was removed.' }),
    state: z.enum(['up', 'down']),
    reason: z.string().nullable().meta({ description: 'The kind of trouble; null: it is back.', example: 'connect' }),
    at: Instant,
    until: Instant.nullable().meta({ description: 'null: so far the last that this process saw of it.' }),
    seconds: z.number().nullable().meta({ description: 'From `at` to `until`.' }),
    process: z.string().meta({ description: 'Host and process id of who saw it.', example: 'maas-7d9f:1' }),
  })
  .meta({ id: 'BackendTransition' });
export type BackendTransition = z.infer<typeof BackendTransition>;

export const HealthQuery = PageQuery.extend({
  from: timeRange.from.meta({ description: 'Start, inclusive. Default: 7 days before `to`; 30 days are kept.' }),
  to: timeRange.to,
  backend: z.uuid().optional(),
});
export type HealthQuery = z.infer<typeof HealthQuery>;
