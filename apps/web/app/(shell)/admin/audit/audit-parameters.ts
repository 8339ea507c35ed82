import { parseAsIsoDateTime, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';

export const auditRanges = ['24h', '7d', '30d', '90d', 'all', 'custom'] as const;
export type AuditRange = (typeof auditRanges)[number];

/** What the log shows and which entry is open, in the URL, so that it can be linked to. */
export function useAuditParameters() {
  return useQueryStates({
    range: parseAsStringLiteral(auditRanges).withDefault('7d'),
    from: parseAsIsoDateTime,
    to: parseAsIsoDateTime,
    action: parseAsString,
    target: parseAsString,
    actor: parseAsString.withDefault(''),
    search: parseAsString.withDefault(''),
    entry: parseAsString,
  });
}

export type AuditParameters = ReturnType<typeof useAuditParameters>[0];

export const noFilters = {
  range: null,
  from: null,
  to: null,
  action: null,
  target: null,
  actor: null,
  search: null,
} as const;
