import { z } from 'zod';
import { TierAssignment } from './auth.js';
import { Instant } from './paging.js';
import { CreateTier, Tier, TierName, UpdateTier } from './tiers.js';

/** Whose tier is asked for: exactly one of the three. */
export const ExplainTier = z
  .strictObject({
    userId: z.uuid().optional(),
    username: z.string().min(1).max(256).optional(),
    groups: z.array(z.string().min(1).max(253)).max(10_000).optional(),
  })
  .refine(
    (body) => Object.values(body).filter((value) => value !== undefined).length === 1,
    'name exactly one of userId, username and groups',
  )
  .meta({ id: 'ExplainTier', example: { username: 'ada' } });
export type ExplainTier = z.infer<typeof ExplainTier>;

/** Which tier somebody has, and why. */
export const TierExplanation = z
  .object({
    object: z.literal('tier_explanation'),
    user: z.object({ id: z.uuid(), username: z.string() }).nullable().meta({ description: 'null: groups were given.' }),
    groups: z.array(z.string()),
    tier: TierAssignment.nullable(),
    override: z
      .object({ tier: z.string(), expiresAt: Instant.nullable(), expired: z.boolean() })
      .nullable()
      .meta({ description: 'One that has expired counts no more, and is shown as such.' }),
    matches: z
      .array(z.object({ name: z.string(), displayName: z.string(), level: z.int(), groups: z.array(z.string()) }))
      .meta({ description: 'Every tier that holds one of the groups, the one that wins first.' }),
    reason: z.string().meta({ description: 'The same in a sentence.' }),
  })
  .meta({ id: 'TierExplanation' });
export type TierExplanation = z.infer<typeof TierExplanation>;

/** A change of a tier as for PATCH, or its deletion, that is only thought of. */
export const PreviewTier = UpdateTier.extend({
  delete: z.literal(true).optional().meta({ description: 'The tier would be deleted; then no other field counts.' }),
}).meta({ id: 'PreviewTier' });
export type PreviewTier = z.infer<typeof PreviewTier>;

/** A new tier, or another order of those that there are, that is only thought of: exactly one of the two. */
export const PreviewTiers = z
  .strictObject({
    create: CreateTier.optional(),
    order: z.array(TierName).min(1).max(1000).optional().meta({ description: 'All tiers, the one that wins first.' }),
  })
  .refine(
    ({ create, order }) => (create === undefined) !== (order === undefined),
    'name exactly one of create and order',
  )
  .meta({ id: 'PreviewTiers', example: { order: ['premium', 'enterprise', 'free'] } });
export type PreviewTiers = z.infer<typeof PreviewTiers>;

const limits = z.object({
  requestsPerMinute: z.int().nullable(),
  tokensPerMinute: z.int().nullable(),
  maxTokensPerRequest: z.int().nullable(),
  maxConcurrentRequests: z.int().nullable(),
});
const names = z.array(z.string()).meta({ description: 'Usernames, at most 20, in alphabetical order.' });

/** What a change of a tier would do to the users that are known. */
export const TierPreview = z
  .object({
    object: z.literal('tier_preview'),
    tier: z.string().nullable().meta({ description: 'null: several change.' }),
    users: z.int().meta({ description: 'How many users are known.' }),
    moved: z.int().meta({ description: 'How many would get another tier, or none.' }),
    moves: z.array(
      z.object({
        from: z.string().nullable(),
        to: z.string().nullable().meta({ description: 'null: they would have no tier and could use no model.' }),
        users: z.int(),
        usernames: names,
      }),
    ),
    limits: z
      .object({ before: limits, after: limits, users: z.int(), usernames: names })
      .nullable()
      .meta({ description: 'Whose limits would change without their changing tier; null: the limits stay.' }),
    overridden: z
      .int()
      .meta({ description: 'Users that have this tier by an override; a deletion is refused for them.' }),
    version: z.int().nullable().meta({ description: 'The version of the tier that was looked at; null: of none.' }),
  })
  .meta({ id: 'TierPreview' });
export type TierPreview = z.infer<typeof TierPreview>;

/** All tiers, the one that wins first, each with the version that was read. */
export const OrderTiers = z
  .strictObject({
    tiers: z
      .array(z.strictObject({ name: TierName, version: z.int().optional() }))
      .min(1)
      .max(1000)
      .refine(
        (tiers) => new Set(tiers.map(({ name }) => name)).size === tiers.length,
        'tiers must name each tier once',
      ),
  })
  .meta({ id: 'OrderTiers' });
export type OrderTiers = z.infer<typeof OrderTiers>;

export const TierOrder = z.object({ object: z.literal('list'), data: z.array(Tier) }).meta({ id: 'TierOrder' });
export type TierOrder = z.infer<typeof TierOrder>;
