import type { AuditEntry } from '@maas/contracts/auth';

/** One field, as it was and as it is; undefined: it is not there. */
export interface FieldChange {
  field: string;
  before: unknown;
  after: unknown;
}

export interface Changes {
  /** `other`: what is kept of it is no change of a thing; without fields, it is shown as it is. */
  kind: 'created' | 'deleted' | 'revoked' | 'changed' | 'unchanged' | 'other';
  changes: FieldChange[];
}

/** They differ at each change, and say nothing. */
const bookkeeping: ReadonlySet<string> = new Set(['version', 'updatedAt', 'object']);

/** What differs between two states of a thing, field by field, in the order of the fields. */
export function changesOf(before: unknown, after: unknown): Changes {
  if (isNothing(before) && isNothing(after)) return { kind: 'unchanged', changes: [] };
  if (isNothing(before) && isRecord(after)) return { kind: 'created', changes: fieldsOf({}, after) };
  if (isRecord(before) && isNothing(after)) return { kind: 'deleted', changes: fieldsOf(before, {}) };
  if (!isRecord(before) || !isRecord(after)) return { kind: 'other', changes: [] };
  const changes = fieldsOf(before, after);
  return { kind: changes.length === 0 ? 'unchanged' : 'changed', changes };
}

/** The same of an entry. What it only tells of, such as tokens that were revoked, was not created by it. */
export function changesOfEntry({ action, before, after }: Pick<AuditEntry, 'action' | 'before' | 'after'>): Changes {
  const changes = changesOf(before, after);
  if (changes.kind !== 'created' || action.endsWith('.create')) return changes;
  return { ...changes, kind: action.startsWith('token.revoke') ? 'revoked' : 'other' };
}

function fieldsOf(before: Record<string, unknown>, after: Record<string, unknown>): FieldChange[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return fields
    .filter((field) => !bookkeeping.has(field) && canonical(before[field]) !== canonical(after[field]))
    .map((field) => ({ field, before: before[field], after: after[field] }));
}

function isNothing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON that does not depend on the order of fields: a database does not keep it. */
function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isRecord(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}
