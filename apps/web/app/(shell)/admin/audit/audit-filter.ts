import type { AuditParameters, AuditRange } from './audit-parameters';

const HOUR_MILLISECONDS = 3_600_000;
const MINUTE_MILLISECONDS = 60_000;
const hours: Record<Exclude<AuditRange, 'all' | 'custom'>, number> = { '24h': 24, '7d': 168, '30d': 720, '90d': 2160 };

type Filter = Omit<AuditParameters, 'entry'>;

/**
 * The filter as the API takes it.
 * @param now milliseconds since 1970; a range that ends now begins at a full minute, so that it is the same for that long
 */
export function auditFilter({ range, from, to, action, target, actor, search }: Filter, now: number) {
  const exact = { action, targetType: target, actor: actor || null, search: search || null };
  if (range === 'all') return { ...exact, from: null, to: null };
  if (range === 'custom') return { ...exact, from: from?.toISOString() ?? null, to: to?.toISOString() ?? null };
  const minute = Math.floor(now / MINUTE_MILLISECONDS) * MINUTE_MILLISECONDS;
  return { ...exact, from: new Date(minute - hours[range] * HOUR_MILLISECONDS).toISOString(), to: null };
}
