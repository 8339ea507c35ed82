import { z } from 'zod';
import { parseDuration } from './duration.js';
import { oneLine } from './one-line.js';
import { Instant, PageQuery, searchFor, SortOrder } from './paging.js';

/** The lifetime of a token when none is asked for: 4 hours (user guide, "Token Lifecycle"). */
export const DEFAULT_TOKEN_SECONDS = 4 * 3600;
/** The shortest lifetime that can be asked for: 10 minutes, as Kubernetes' TokenRequest. */
export const MINIMUM_TOKEN_SECONDS = 600;

const accepted = 'Use a duration such as "15m", "1h30m" or "7d", or a number of seconds; the shortest is 10 minutes.';

/**
 * A lifetime, in whole seconds: a duration as Go writes it (also `d`), or a number of seconds.
 * Absent, null, `""`, `"0"` and `0` mean the default, which is undefined here.
 */
export const TokenLifetime = z
  .union([z.string(), z.number()], { error: `expiration is not a duration. ${accepted}` })
  .nullish()
  .transform((value, context) => {
    if (value === null || value === undefined || value === '' || value === '0' || value === 0) {
      return undefined;
    }
    const milliseconds = typeof value === 'number' ? value * 1000 : parseDuration(value);
    if (milliseconds === undefined || !Number.isFinite(milliseconds)) {
      context.addIssue({ code: 'custom', message: `expiration is not a duration. ${accepted}` });
      return z.NEVER;
    }
    const seconds = Math.floor(milliseconds / 1000);
    if (milliseconds < MINIMUM_TOKEN_SECONDS * 1000) {
      context.addIssue({ code: 'custom', message: `expiration is too short. ${accepted}` });
      return z.NEVER;
    }
    return seconds;
  })
  .meta({
    description:
      'Lifetime as a Go duration (also `d` for days) or a number of seconds. Default 4 hours, at least 10 minutes.',
    example: '15m',
  });

export const CreateToken = z
  .object({
    expiration: TokenLifetime,
    name: z
      .string()
      .trim()
      .max(100, 'name is too long; the longest is 100 characters')
      .refine(...oneLine)
      .nullish()
      .meta({ description: 'What the token is for, as its owner will recognise it.' }),
    description: z.string().max(1000, 'description is too long; the longest is 1000 characters').nullish(),
  })
  .meta({ id: 'CreateToken' });
export type CreateToken = z.infer<typeof CreateToken>;

/** The answer to a mint: the only place where the secret is shown. */
export const CreatedToken = z
  .object({
    token: z.string().meta({ description: 'The access token: a JWT. Shown once, stored nowhere.' }),
    expiration: z.string().meta({ description: 'The lifetime granted, as Go writes durations.' }),
    expiresAt: z.int().meta({ description: 'Unix seconds.' }),
    issuedAt: z.int().meta({ description: 'Unix seconds.' }),
    jti: z.uuid(),
    name: z.string().nullable(),
  })
  .meta({ id: 'CreatedToken' });
export type CreatedToken = z.infer<typeof CreatedToken>;

export const TokenStatus = z.enum(['active', 'expired', 'revoked']);
export type TokenStatus = z.infer<typeof TokenStatus>;

/** What is known of a token that was issued; never its secret. */
export const Token = z
  .object({
    object: z.literal('token'),
    jti: z.uuid(),
    name: z.string().nullable(),
    description: z.string().nullable(),
    createdAt: Instant,
    expiresAt: Instant,
    lastUsedAt: Instant.nullable(),
    revokedAt: Instant.nullable(),
    status: TokenStatus,
  })
  .meta({ id: 'Token' });
export type Token = z.infer<typeof Token>;

export const AdminToken = Token.extend({ userId: z.uuid(), username: z.string() }).meta({ id: 'AdminToken' });
export type AdminToken = z.infer<typeof AdminToken>;

const listing = {
  status: TokenStatus.optional(),
  sort: z
    .enum(['createdAt', 'lastUsedAt', 'expiresAt'])
    .default('createdAt')
    .meta({ description: 'By `lastUsedAt`, tokens that were never used come last.' }),
  order: SortOrder.default('desc'),
};

export const TokenQuery = PageQuery.extend({ search: searchFor('the name'), ...listing });
export type TokenQuery = z.infer<typeof TokenQuery>;

export const AdminTokenQuery = PageQuery.extend({
  user: z.uuid().optional(),
  search: searchFor('the owner’s username or of the token’s name, or the beginning of its jti'),
  ...listing,
});
export type AdminTokenQuery = z.infer<typeof AdminTokenQuery>;

/** What a form for a new token needs to know. */
export const TokenConfig = z
  .object({
    object: z.literal('token_config'),
    issuer: z.enum(['maas', 'serviceaccount']).meta({
      description:
        'Who issues tokens: this platform, or the cluster, which may grant other lifetimes than are asked for.',
    }),
    shortestSeconds: z.int(),
    longestSeconds: z.int(),
    defaultSeconds: z.int().meta({ description: 'The lifetime when none is asked for.' }),
    presets: z
      .array(z.object({ expiration: z.string().meta({ example: '7d' }), seconds: z.int() }))
      .meta({ description: 'Usual lifetimes that this server allows, the shortest first; the longest is among them.' }),
  })
  .meta({ id: 'TokenConfig' });
export type TokenConfig = z.infer<typeof TokenConfig>;

export const RevokeAllQuery = z.object({
  dryRun: z.stringbool().default(false).meta({ description: 'Only count, revoke nothing.' }),
});
export type RevokeAllQuery = z.infer<typeof RevokeAllQuery>;

export const RevokeAllResult = z
  .object({ revoked: z.int().meta({ description: 'Tokens that stopped working, or would.' }), dryRun: z.boolean() })
  .meta({ id: 'RevokeAllResult' });
export type RevokeAllResult = z.infer<typeof RevokeAllResult>;
