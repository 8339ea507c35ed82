import type { AuditEntry } from '@maas/contracts/auth';

/** What people call the target of an entry, as far as the entry has it; otherwise its id. */
export function targetName({ before, after, targetId }: Pick<AuditEntry, 'before' | 'after' | 'targetId'>): string {
  for (const state of [after, before]) {
    for (const field of ['username', 'displayName', 'name', 'url']) {
      const value = textOf(state, field);
      if (value !== undefined) return value;
    }
  }
  return targetId;
}

function textOf(state: unknown, field: string): string | undefined {
  if (typeof state !== 'object' || state === null || !(field in state)) return undefined;
  const value: unknown = (state as Record<string, unknown>)[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
