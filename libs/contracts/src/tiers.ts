import { z } from 'zod';
import { line } from './one-line.js';
import { Instant } from './paging.js';
import { ReadVersion } from './version.js';

/** A name that is safe in paths, labels and CSV. */
export const TierName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'name must be lower-case letters, digits and inner hyphens')
  .meta({ example: 'premium' });

/** A limit of a tier; null is unlimited. */
const Limit = z.int().min(1).max(2_000_000_000).nullable();

/** What is done with requests while limits cannot be counted with the other processes. */
export const LimitsPolicy = z.enum(['strict', 'share', 'open']);
export type LimitsPolicy = z.infer<typeof LimitsPolicy>;

/** What is done with requests while their usage cannot be put into the journal. */
export const UsagePolicy = z.enum(['memory', 'refuse']);
export type UsagePolicy = z.infer<typeof UsagePolicy>;

const groups = z.array(z.string().min(1).max(253)).max(1000);

const fields = {
  displayName: line(100),
  description: z.string().max(1000),
  level: z
    .int()
    .min(-1_000_000)
    .max(1_000_000)
    .meta({ description: 'Of the tiers that hold one of a person’s groups, the highest level wins.' }),
  groups,
  requestsPerMinute: Limit.meta({ description: 'Requests admitted in any 60 seconds; null is unlimited.' }),
  tokensPerMinute: Limit.meta({
    description: 'Prompt and completion tokens in any 60 seconds; null is unlimited.',
  }),
  maxTokensPerRequest: Limit.meta({ description: 'The largest max_tokens; null is unlimited.' }),
  maxConcurrentRequests: Limit.meta({ description: 'Requests in flight at once; null is unlimited.' }),
  limitsWhenUnavailable: LimitsPolicy.nullable().meta({
    description:
      'While the limits cannot be counted with the other processes: strict refuses with 503, share lets each process grant its part of the limits, open lets pass and counts how many; null: as the installation is set (LIMITS_WHEN_UNAVAILABLE).',
  }),
  usageWhenUnwritable: UsagePolicy.nullable().meta({
    description:
      'While usage cannot be put into the journal, because its disk or its quota is full: refuse answers 503 before a backend is asked, memory serves and keeps usage in memory, of which a kill or a long outage loses some; null: as the installation is set (USAGE_WHEN_UNWRITABLE).',
  }),
  features: z.array(line(100)).max(100),
};

export const Tier = z
  .object({
    object: z.literal('tier'),
    name: TierName,
    ...fields,
    configMap: z.string().nullable().meta({
      description:
        'The ConfigMap, as namespace/name, that alone changes the name, displayName, description, level and groups; null: kept here.',
      example: 'maas/tier-to-group-mapping',
    }),
    version: z.int(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'Tier' });
export type Tier = z.infer<typeof Tier>;

export const CreateTier = z
  .strictObject({
    name: TierName,
    ...fields,
    description: fields.description.default(''),
    level: fields.level.default(0),
    groups: fields.groups.default([]),
    requestsPerMinute: fields.requestsPerMinute.default(null),
    tokensPerMinute: fields.tokensPerMinute.default(null),
    maxTokensPerRequest: fields.maxTokensPerRequest.default(null),
    maxConcurrentRequests: fields.maxConcurrentRequests.default(null),
    limitsWhenUnavailable: fields.limitsWhenUnavailable.default(null),
    usageWhenUnwritable: fields.usageWhenUnwritable.default(null),
    features: fields.features.default([]),
  })
  .meta({ id: 'CreateTier' });
export type CreateTier = z.infer<typeof CreateTier>;

export const UpdateTier = z
  .strictObject(fields)
  .partial()
  .extend({
    version: ReadVersion,
  })
  .meta({ id: 'UpdateTier' });
export type UpdateTier = z.infer<typeof UpdateTier>;

export const TierLookup = z
  .object({ groups: z.array(z.string()).min(1, 'groups must name at least one group').max(10_000) })
  .meta({ id: 'TierLookup', example: { groups: ['system:authenticated'] } });
export type TierLookup = z.infer<typeof TierLookup>;

export const TierLookupResult = z
  .object({ tier: z.string(), displayName: z.string() })
  .meta({ id: 'TierLookupResult', example: { tier: 'free', displayName: 'Free' } });
export type TierLookupResult = z.infer<typeof TierLookupResult>;

/** A limit as its owner sees it: what it is, what is left of it now, and when all of it is back. */
export const LimitState = z
  .object({
    limit: z.int().nullable().meta({ description: 'null is unlimited.' }),
    remaining: z.int().nullable(),
    resetSeconds: z.number().meta({ description: 'Seconds until all of it is back if nothing more is used.' }),
  })
  .meta({ id: 'LimitState' });
export type LimitState = z.infer<typeof LimitState>;

/** What the caller's tier grants, and how it stands: for the line that a chart draws. */
export const OwnLimits = z
  .object({
    object: z.literal('limits'),
    tier: z.string().nullable().meta({ description: 'null: no tier, so no request is admitted.' }),
    requestsPerMinute: z.int().nullable().meta({ description: 'null is unlimited, here and below.' }),
    tokensPerMinute: z.int().nullable(),
    maxTokensPerRequest: z.int().nullable(),
    maxConcurrentRequests: z.int().nullable(),
    requests: LimitState.nullable(),
    tokens: LimitState.nullable(),
  })
  .meta({ id: 'OwnLimits' });
export type OwnLimits = z.infer<typeof OwnLimits>;
