import { useTranslations } from 'use-intl';
import type { AuditEntry } from '@maas/contracts/auth';

/** What forms and lists call the fields of a thing, by the first word of an action: `tier.update`. */
const labels = {
  tier: {
    name: 'adminTiers.form.name',
    displayName: 'adminTiers.form.displayName',
    description: 'adminTiers.form.description',
    level: 'adminTiers.form.level',
    groups: 'adminTiers.form.groups',
    requestsPerMinute: 'adminTiers.form.requestsPerMinute',
    tokensPerMinute: 'adminTiers.form.tokensPerMinute',
    maxTokensPerRequest: 'adminTiers.form.maxTokensPerRequest',
    maxConcurrentRequests: 'adminTiers.form.maxConcurrentRequests',
    features: 'adminTiers.form.features',
    configMap: 'adminTiers.configMap',
  },
  model: {
    id: 'adminModels.form.id',
    name: 'adminModels.form.name',
    description: 'adminModels.form.description',
    tiers: 'adminModels.form.tiers',
    contextWindow: 'adminModels.form.contextWindow',
    maxOutputTokens: 'adminModels.form.maxOutputTokens',
    capabilities: 'adminModels.form.capabilities',
    ownedBy: 'adminModels.form.ownedBy',
    discovery: 'adminModels.facts.discovery',
    enabled: 'adminModels.state.enabled',
  },
  backend: {
    url: 'adminModels.backendForm.url',
    upstreamModel: 'adminModels.backendForm.upstreamModel',
    weight: 'adminModels.backendForm.weight',
    enabled: 'adminModels.state.enabled',
    hasCredential: 'adminModels.backends.hasCredential',
    credentialChanged: 'adminAudit.field.credentialChanged',
  },
  user: {
    username: 'adminUsers.createDialog.username',
    email: 'adminUsers.createDialog.email',
    role: 'adminUsers.createDialog.role',
    groups: 'adminUsers.createDialog.groups',
    tierOverride: 'adminUsers.override.title',
    tierOverrideExpiresAt: 'adminAudit.field.overrideUntil',
    suspendedAt: 'adminUsers.state.suspended',
    passwordChanged: 'adminAudit.field.passwordChanged',
    sessions: 'adminAudit.field.sessions',
  },
  token: {
    name: 'tokens.createDialog.name',
    description: 'tokens.createDialog.description',
    issuedAt: 'tokenDetail.fact.created',
    expiresAt: 'tokenDetail.fact.expires',
    owner: 'adminTokens.user',
    revoked: 'tokenDetail.fact.revoked',
  },
} as const;

type Label = { [Kind in keyof typeof labels]: (typeof labels)[Kind][keyof (typeof labels)[Kind]] }[keyof typeof labels];

/** What forms call a field of an entry; its name where no form has it. */
export function useFieldLabel(): (action: AuditEntry['action'], field: string) => string {
  const t = useTranslations();
  return (action, field) => {
    const [kind = ''] = action.split('.');
    const known: Readonly<Record<string, Label>> = { ...(Object.hasOwn(labels, kind) && labels[kind as 'tier']) };
    const label = Object.hasOwn(known, field) ? known[field] : undefined;
    return label === undefined ? field : t(label);
  };
}
