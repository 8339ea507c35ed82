import { z } from 'zod';
import { Instant, PageQuery, searchFor, SortOrder } from './paging.js';
import { timeRange } from './time-range.js';
import { LimitState, TierName } from './tiers.js';

/** The group that every authenticated person is in, as in Kubernetes. */
export const EVERYONE = 'system:authenticated';

const Username = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9._@-]{0,62}[A-Za-z0-9])?$/,
    'username must be 1 to 64 letters, digits or inner . _ @ -',
  );
const Password = z
  .string()
  .min(12, 'password must have at least 12 characters')
  .max(256, 'password must have at most 256 characters');

export const Login = z
  .object({ username: z.string().min(1).max(256), password: z.string().min(1).max(256) })
  .meta({ id: 'Login' });
export type Login = z.infer<typeof Login>;

export const LoginResult = z
  .object({
    token: z.string().meta({ description: 'An identity token: good for the control plane, not for inference.' }),
    expiresAt: z.int().meta({ description: 'Unix seconds.' }),
  })
  .meta({ id: 'LoginResult' });
export type LoginResult = z.infer<typeof LoginResult>;

/** One's own password, for local accounts. */
export const ChangePassword = z
  .object({ currentPassword: z.string().min(1).max(256), newPassword: Password })
  .meta({ id: 'ChangePassword' });
export type ChangePassword = z.infer<typeof ChangePassword>;

/** Creates the first administrator by the one-time link that a fresh installation prints. */
export const Setup = z
  .object({ secret: z.string().min(1).max(256), username: Username, password: Password })
  .meta({ id: 'Setup' });
export type Setup = z.infer<typeof Setup>;

export const Role = z.enum(['user', 'admin']);
export type Role = z.infer<typeof Role>;
export const IdentityProvider = z.enum(['local', 'kubernetes', 'oidc']);
export type IdentityProvider = z.infer<typeof IdentityProvider>;

/** The tier of a person, and how it came about. */
export const TierAssignment = z
  .object({
    name: z.string(),
    displayName: z.string(),
    reason: z.enum(['group', 'override']),
    group: z.string().nullable().meta({ description: 'The group that gave the tier.' }),
  })
  .meta({ id: 'TierAssignment' });
export type TierAssignment = z.infer<typeof TierAssignment>;

export const Me = z
  .object({
    id: z.uuid(),
    username: z.string(),
    email: z.string().nullable(),
    provider: IdentityProvider,
    role: Role,
    groups: z.array(z.string()),
    tier: TierAssignment.nullable().meta({ description: 'null when no tier holds one of the groups.' }),
    limits: z.object({ requests: LimitState, tokens: LimitState }).nullable(),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof Me>;

export const User = z
  .object({
    object: z.literal('user'),
    id: z.uuid(),
    username: z.string(),
    email: z.string().nullable(),
    provider: IdentityProvider,
    role: Role,
    groups: z.array(z.string()),
    tier: TierAssignment.nullable(),
    tierOverride: z.string().nullable(),
    tierOverrideExpiresAt: Instant.nullable(),
    suspendedAt: Instant.nullable(),
    createdAt: Instant,
    lastSeenAt: Instant,
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof User>;

export const CreateUser = z
  .strictObject({
    username: Username,
    password: Password,
    email: z.email().max(254).nullish(),
    role: Role.default('user'),
    groups: z.array(z.string().min(1).max(253)).max(1000).default([]),
  })
  .meta({ id: 'CreateUser' });
export type CreateUser = z.infer<typeof CreateUser>;

/** Groups, role and password can be changed for local accounts only; the others have theirs from their identity provider. */
export const UpdateUser = z
  .strictObject({
    role: Role,
    groups: z.array(z.string().min(1).max(253)).max(1000),
    password: Password,
    tierOverride: TierName.nullable(),
    tierOverrideExpiresAt: Instant.nullable(),
    suspended: z.boolean(),
  })
  .partial()
  .meta({ id: 'UpdateUser' });
export type UpdateUser = z.infer<typeof UpdateUser>;

export const UserQuery = PageQuery.extend({
  search: searchFor('a username or e-mail address'),
  tier: z.string().max(63).optional().meta({ description: 'Who has this tier at the moment; empty: who has none.' }),
  role: Role.optional(),
  suspended: z.stringbool().optional(),
  provider: IdentityProvider.optional(),
  sort: z.enum(['createdAt', 'username', 'lastSeenAt']).default('createdAt'),
  order: SortOrder.default('asc'),
});
export type UserQuery = z.infer<typeof UserQuery>;

/** One change by a person: who, what, and how it was before and after, without secrets. */
export const AuditEntry = z
  .object({
    object: z.literal('audit_entry'),
    id: z.uuid(),
    at: Instant,
    actorId: z.uuid().nullable(),
    actorName: z.string(),
    action: z.string(),
    targetType: z.string(),
    targetId: z.string(),
    before: z.unknown(),
    after: z.unknown(),
    address: z.string().nullable(),
    requestId: z.string().nullable(),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntry>;

export const AuditQuery = PageQuery.extend({
  from: timeRange.from,
  to: timeRange.to,
  action: z.string().max(100).optional(),
  actorId: z.uuid().optional(),
  actor: searchFor('the actor’s name'),
  targetType: z.string().max(100).optional(),
  targetId: z.string().max(256).optional(),
  search: searchFor('the action, or of the type or id of the target'),
});
export type AuditQuery = z.infer<typeof AuditQuery>;
