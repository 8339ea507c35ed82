/** What the log knows so far; an entry can have another one. */
export const auditActions = [
  'audit.export',
  'backend.create',
  'backend.delete',
  'backend.test',
  'backend.update',
  'model.create',
  'model.delete',
  'model.update',
  'tier.create',
  'tier.delete',
  'tier.reorder',
  'tier.update',
  'token.create',
  'token.revoke',
  'token.revoke_all',
  'user.create',
  'user.delete',
  'user.password',
  'user.sign_out',
  'user.update',
] as const;

export const auditTargets = ['audit', 'backend', 'model', 'tier', 'token', 'user'] as const;
